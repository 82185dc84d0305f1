# Finds a JDK that is new enough, the same one for the command and for the scripts of ci. Sourced, by sh or bash.

needed_jdk=25

# Whether a folder is a JDK that is new enough. Its `release` file says so without starting it.
is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    version=
    while IFS='=' read -r key value; do
        [ "$key" != JAVA_VERSION ] || version=${value#\"}
    done <"$1/release"
    major=${version%%[!0-9]*}
    [ -n "$major" ] && [ "$major" -ge "$needed_jdk" ]
}

# Prints the first of the folders that is such a JDK.
first_jdk() {
    for candidate in "$@"; do
        if is_jdk "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# Prints the home folder of a tool on the path.
home_of() {
    tool=$(command -v "$1") || return
    home=$(dirname "$(dirname "$(readlink -f "$tool")")")
    # Java 8 has its own java below the JDK's folder.
    printf '%s\n' "${home%/jre}"
}

# Prints a JDK; fails without a word when there is none. PANLLAMA_JAVA_HOME is the only place where it is set. Else the
# places are JAVA_HOME, the path, what lies beside these, and where a user's own tools keep theirs.
find_jdk() {
    if [ -n "${PANLLAMA_JAVA_HOME:-}" ]; then
        first_jdk "$PANLLAMA_JAVA_HOME"
        return
    fi
    first_jdk "${JAVA_HOME:-}" && return
    of_java=$(home_of java) || of_java=
    of_javac=$(home_of javac) || of_javac=
    first_jdk "$of_java" "$of_javac" && return
    for known in "${JAVA_HOME:-}" "$of_java" "$of_javac"; do
        [ -n "$known" ] || continue
        first_jdk "$(dirname "$(readlink -f "$known")")"/* && return
    done
    first_jdk "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.gradle/jdks/* && return
    [ -x /usr/libexec/java_home ] && first_jdk "$(/usr/libexec/java_home -v "$needed_jdk+" 2>/dev/null)"
}
