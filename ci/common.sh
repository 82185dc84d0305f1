# What the scripts of this folder share. Sourced, from the repository's root.

source cli/jdk.sh

say() {
    printf '\n==> %s\n' "$*"
}

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# The folder that keeps llama.cpp's packages between builds; native/cmake/Fetch.cmake has the same rule.
packages_folder() {
    if [[ -n ${PANLLAMA_PACKAGES:-} ]]; then
        printf '%s\n' "$PANLLAMA_PACKAGES"
    elif [[ $(uname -s) == Darwin ]]; then
        printf '%s\n' "$HOME/Library/Caches/panllama/packages"
    else
        printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/panllama/packages"
    fi
}

# Says what is missing, a line for each, and ends when anything is. The arguments are those for Maven.
require_tools() {
    local missing=()
    need() {
        command -v "$1" > /dev/null || missing+=("$2")
    }
    JAVA_HOME=$(find_jdk) || missing+=("a JDK 25 or newer: install one, such as Temurin 25, or name its folder in \
PANLLAMA_JAVA_HOME")
    need mvn "mvn: install Maven 3.8 or newer (Debian: apt-get install maven)"
    need git "git: install it (Debian: apt-get install git)"
    need cmake "cmake: install CMake 3.21 or newer (Debian: apt-get install cmake)"
    need make "make: install it (Debian: apt-get install make)"
    need "${CC:-cc}" "${CC:-cc}: install a C compiler (Debian: apt-get install gcc)"
    need "${CXX:-c++}" "${CXX:-c++}: install a C++ compiler (Debian: apt-get install g++)"
    if [[ " $* " != *" -Dllama.packages="* ]] && ! compgen -G "$(packages_folder)/*.tgz" > /dev/null; then
        need npm "npm: install it (it comes with Node.js; Debian: apt-get install npm), or pass -Dllama.packages=DIR with \
llama.cpp's packages fetched by hand (native/pin.json names them)"
    fi
    if ((${#missing[@]})); then
        printf 'missing: %s\n' "${missing[@]}" >&2
        exit 1
    fi
    export JAVA_HOME
}

# Maven on the JDK that was found. Its own libraries use what a JDK 25 warns of.
maven() {
    MAVEN_OPTS="${MAVEN_OPTS:-} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
        mvn --batch-mode --no-transfer-progress "$@"
}

# Sums up the Surefire reports that lie under the given folders, in Surefire's own words. Fails when a test did.
summarise_tests() {
    find "$@" -path '*/surefire-reports/TEST-*.xml' -print0 | xargs -0 -r cat | tr '\n' ' ' \
        | grep -o '<testsuite [^>]*>' \
        | awk '
            function number(name,   at) {
                return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH) + 0 : 0
            }
            { tests += number("tests"); failures += number("failures"); errors += number("errors")
              skipped += number("skipped") }
            END {
                printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d\n", tests, failures, errors, skipped
                exit failures || errors || skipped || !tests
            }'
}
