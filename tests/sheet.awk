# A member's sheet with a wanted total, made from a criteria set's file:
#   awk -v want=72 -f tests/sheet.awk config/krong-nang-2020/criteria/honey.zpl
# prints a1.1=2,a1.2=3,... for `ocop assess --sheet`. Exit 1 where no sheet has this total.
# No criterion that stops the assessment at 0 gets 0, and the product has a story (b5.1), so that
# every level of the criteria that need one is open.

/^ *criterion = / { name[++n] = $3; stops[n] = ($3 == "b5.1") }
/^ *points = / && n {
	gsub(/[^0-9,]/, "", $3)
	ladder[n] = $3
}
/^ *rules = .*knockout-zero/ { stops[n] = 1 }

END {
	# reach[i, t]: the criteria from the i-th on can make t together.
	reach[n + 1, 0] = 1
	for (i = n; i >= 1; i--) {
		levels = split(ladder[i], level, ",")
		for (t = 0; t <= 100; t++)
			for (l = 1; l <= levels; l++)
				if (!(stops[i] && level[l] == 0) && t >= level[l] && ((i + 1, t - level[l]) in reach))
					reach[i, t] = 1
	}
	if (!n || !((1, want) in reach))
		exit 1
	# Of the levels that lead to the total, the one nearest to an even share.
	for (i = 1; i <= n; i++) {
		levels = split(ladder[i], level, ",")
		best = -1
		left = want - used
		for (l = 1; l <= levels; l++) {
			top = level[levels] * want / 100 - level[l]
			far = top < 0 ? -top : top
			if ((stops[i] && level[l] == 0) || left < level[l] || !((i + 1, left - level[l]) in reach))
				continue
			if (best < 0 || far < distance) {
				best = level[l]
				distance = far
			}
		}
		used += best
		printf "%s%s=%d", (i == 1 ? "" : ","), name[i], best
	}
	print ""
}
