# bash completion of hyptrace: commands and options come from the program.
_hyptrace()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words

	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$(hyptrace --words) --help --version"
	elif [[ $word == -* ]]; then
		words="$(hyptrace --words "$command") --help"
	else
		compopt -o default
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _hyptrace hyptrace
