# Completion of ocop in bash: verbs, options, and the daemon's own lists. What could stand there, ocop says itself.
_ocop() {
	local IFS=$'\n' word glue= words=() cur i
	# bash takes "=" and ":" for words of their own (COMP_WORDBREAKS).
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ ${#words[@]} -gt 0 && ( $glue || $word == [=:]* ) ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
		[[ $word == *[=:] && $word != -- ]] && glue=1 || glue=
	done
	cur=${words[-1]}
	mapfile -t COMPREPLY < <("$1" __complete "${words[@]}" 2>/dev/null)
	[[ ${COMPREPLY[0]} == *[=:,] ]] && compopt -o nospace 2>/dev/null
	# What stands before the last break is not replaced.
	[[ $cur == *[=:]* ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*[=:]}"}"}")
	return 0
}
complete -o default -F _ocop ocop
