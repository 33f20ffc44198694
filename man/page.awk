# A page of man/ with its @VERSION@ and, for @OPTIONS@, what the program's --help says:
# awk -v help="build/ocopd --help" -v version=0.1.0 -f man/page.awk man/ocopd.8
function roff(line) {
	gsub(/\\/, "\\e", line)
	gsub(/-/, "\\-", line)
	return line ~ /^[.']/ ? "\\&" line : line
}
# An option is "  --name VALUE", its words follow on the line behind two blanks or on the next lines.
function options(    line, words) {
	while ((help | getline line) > 0) {
		if (line ~ /^  -/) {
			words = ""
			sub(/^  /, "", line)
			if (match(line, /   */)) {
				words = substr(line, RSTART + RLENGTH)
				line = substr(line, 1, RSTART - 1)
			}
			print ".TP\n.B " roff(line)
			if (words != "")
				print roff(words)
		} else if (line ~ /^        /) {
			sub(/^ +/, "", line)
			print roff(line)
		}
	}
}
/^@OPTIONS@$/ { options(); next }
{ gsub(/@VERSION@/, version); print }
