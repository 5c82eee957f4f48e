#!/usr/bin/env bash
# Makes a release, or what one would be.
#
#   ./release.sh --dry-run       stages the last commit in target/release/staged, unsigned: builds it twice, in
#                                folders of different paths, and compares; then consumers build and run from there
#   ./release.sh --set VERSION   writes the version where it is quoted, and the time of the build
#   ./release.sh --publish       the same as --dry-run for a tagged commit, signed, and zips what is to be uploaded
#   ./release.sh --reproduce     packages a few modules again elsewhere and compares them with those in target
#
# JDKs for the consumers: JDKS="/path/of/17 /path/of/25", else that of JAVA_HOME or of the path.
set -euo pipefail
cd "$(dirname "$0")"
umask 022 # The jars of sources hold the modes of some files.
root=$PWD
work=$root/target/release
mvn=(mvn -B -ntp -q)

fail() { echo "$1" >&2; exit 1; }

revision() { sed -n 's|.*<revision>\(.*\)</revision>.*|\1|p' pom.xml; }

set_version() {
  local old
  [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    fail "'$1' is no version such as 0.1.0 or 0.2.0-SNAPSHOT: ./release.sh --set VERSION"
  old=$(revision)
  sed -i "s|<revision>.*</revision>|<revision>$1</revision>|
    s|<project.build.outputTimestamp>.*<|<project.build.outputTimestamp>$(date -u +%Y-%m-%dT%H:%M:00Z)<|" pom.xml
  sed -i "s|<facesearch.version>${old//./\\.}<|<facesearch.version>$1<|" examples/*/pom.xml
  sed -i "s|<version>${old//./\\.}<|<version>$1<|" README.md
  sed -i "s|:${old//./\\.}\"|:$1\"|" docs/*.md
}

# The files of a folder that must be equal in two builds, with their hashes.
hashes() { (cd "$1" && find . -type f \( -name '*.jar' -o -name '*.pom' -o -name '*-cyclonedx.json' -o -name '*-cyclonedx.xml' \) -print0 | sort -z | xargs -0 sha256sum); }

# stage FOLDER_OF_SOURCES STAGED OPTIONS...
stage() {
  local sources=$1 staged=$2
  shift 2
  mkdir -p "$sources"
  git archive "$commit" | tar -x -C "$sources"
  (cd "$sources" && "${mvn[@]}" deploy -Prelease -DskipTests -Dspotless.check.skip -Drevision="$version" \
    -pl '!examples,!benchmarks' -DaltDeploymentRepository="staged::file://$staged" "$@")
  # The contracts for plug-ins, in core, are for others; the tests of other modules are not.
  find "$staged/io" -name '*-tests.jar*' ! -name 'facesearch-core-*' -delete
}

# What is missing is told before anything is built.
find_jdks() {
  jdks=${JDKS:-${JAVA_HOME:-}}
  if [[ -z $jdks ]]; then
    jdks=$(command -v javac) || fail "There is no javac in the PATH: name a JDK, JAVA_HOME=/path/of/17"
    jdks=$(dirname "$(dirname "$(readlink -f "$jdks")")")
  fi
  # A JAVA_HOME may have spaces, JDKS are split at them.
  if [[ -n ${JDKS:-} ]]; then read -ra jdks <<<"$JDKS"; fi
  local jdk
  for jdk in "${jdks[@]}"; do
    [[ -x $jdk/bin/jlink ]] || fail "$jdk is no JDK: it has no bin/jlink"
  done
}

# consumer PROJECT RUN JAVA... runs the consumer, and fails unless it found what it should.
consumer() {
  local project=$1 run=$2
  shift 2
  "$@" 2>"$project/$run-errors.txt" | tee "$project/$run.txt" || { cat "$project/$run-errors.txt" >&2; exit 1; }
  { grep -q '^128 faces indexed$' "$project/$run.txt" && grep -q ': person_03$' "$project/$run.txt"; } ||
    fail "The consumer did not print what it should, see $project/$run.txt and $run-errors.txt"
}

consume() {
  local samples=$root/facesearch-cli/src/main/resources/io/facesearch/cli/samples
  local photos=("$samples/gallery" "$samples/queries/person_03.jpg")
  rm -rf "$work/repository/io/facesearch" "$work/consumer"
  for jdk in "${jdks[@]}"; do
    local project=$work/consumer/$(basename "$jdk") native
    mkdir -p "$project"
    cp -r release/consumer/. "$project"
    native=--enable-native-access
    echo "== $jdk: Maven, from an empty repository"
    (cd "$project" && JAVA_HOME=$jdk "${mvn[@]}" process-classes -Dmaven.repo.local="$work/repository" \
      -Dfacesearch.version="$version" -Dstaged="file://$work/staged")
    echo "== $jdk: class path"
    consumer "$project" class-path "$jdk/bin/java" $native=ALL-UNNAMED \
      -cp "$project/target/classes:$project/target/lib/*" com.example.consumer.Consumer "$project/faces-1" "${photos[@]}"
    echo "== $jdk: module path"
    consumer "$project" module-path "$jdk/bin/java" $native=com.sun.jna,com.microsoft.onnxruntime,org.xerial.sqlitejdbc \
      -p "$project/target/classes:$project/target/lib" -m com.example.consumer/com.example.consumer.Consumer \
      "$project/faces-2" "${photos[@]}"
    # jlink takes no automatic modules, and ONNX Runtime, Tink and the readers of TIFF and WebP are: the image has
    # what facesearch needs of the JDK, and the jars lie beside it.
    echo "== $jdk: image of jlink"
    local modules
    modules=$("$jdk/bin/jdeps" --multi-release 17 --ignore-missing-deps --print-module-deps \
      --module-path "$project/target/lib" "$project"/target/lib/*.jar | tail -1)
    "$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --output "$project/image"
    consumer "$project" jlink "$project/image/bin/java" $native=ALL-UNNAMED \
      -cp "$project/target/classes:$project/target/lib/*" com.example.consumer.Consumer "$project/faces-3" "${photos[@]}"
    du -sh "$project/image" | sed "s|\t.*| image of $modules|"
  done
}

all() {
  commit=$(git rev-parse HEAD) || fail "A release is made of a commit, and this folder is no checkout."
  [[ -z $(git status --porcelain) ]] || echo "There are changes that are not committed: they are no part of this." >&2
  find_jdks
  rm -rf "$work"
  stage "$work/a" "$work/staged" "$@"
  (TZ=Pacific/Auckland stage "$work/b/a longer path" "$work/staged-again" "$@")
  hashes "$work/staged" >"$work/SHA256SUMS"
  hashes "$work/staged-again" | diff "$work/SHA256SUMS" - || fail "The two builds differ."
  echo "$(wc -l <"$work/SHA256SUMS") files are equal in both builds:"
  cat "$work/SHA256SUMS"
  consume
}

case "${1:-}" in
  --dry-run)
    version=$(revision)
    version=${version%-SNAPSHOT}
    all -Dgpg.skip
    ;;
  --consume)
    version=$(revision)
    version=${version%-SNAPSHOT}
    find_jdks
    consume
    ;;
  --set)
    set_version "${2:-}"
    ;;
  --publish)
    version=$(revision)
    [[ $version != *-SNAPSHOT ]] || fail "$version is a snapshot: first ./release.sh --set VERSION"
    [[ -z $(git status --porcelain) ]] || fail "There are changes that are not committed."
    git tag --points-at HEAD | grep -qxF "v$version" || fail "The commit has no tag v$version."
    command -v zip >/dev/null || fail "There is no zip in the PATH."
    place=$(sed -n 's|.*<repository>\(.*\)</repository>.*|\1|p' pom.xml)
    [[ $(git remote get-url origin | sed 's|^[a-z]*://||; s|^git@||; s|:|/|; s|\.git$||') == "$place" ]] ||
      fail "The poms say that the sources are at $place; origin is another place."
    all -Dgpg.keyname="${GPG_KEY:?the key to sign with}"
    (cd "$work/staged" && find . -name 'maven-metadata*' -delete && zip -qr "../facesearch-$version.zip" io)
    echo "To upload at the portal of Maven Central: $work/facesearch-$version.zip"
    ;;
  --reproduce)
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    git ls-files -z | tar -c --null -T - | tar -x -C "$copy"
    modules=(facesearch-core facesearch-index)
    (cd "$copy" && TZ=Pacific/Auckland "${mvn[@]}" package -DskipTests -Dspotless.check.skip -pl "$(IFS=,; echo "${modules[*]}")")
    for module in "${modules[@]}"; do
      for jar in "$copy/$module"/target/*.jar; do
        cmp "$jar" "$module/target/$(basename "$jar")"
        sha256sum "$module/target/$(basename "$jar")"
      done
    done
    ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
