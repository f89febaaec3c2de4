# The images that docker-compose.yml names. Base images are pulled; where that cannot be, a root file system made by
# debootstrap from this machine's own package sources stands in, and the executables are built on this machine.
# shellcheck shell=bash

IMAGE=dandelion:local
AGENCY_IMAGE=dandelion-agency-worker:local
MAIL_CATCHER_IMAGE=dandelion-mail-catcher:local
BASE_IMAGE=debian:bookworm-slim
SWIFT_IMAGE=swift:6.3-bookworm
SERVER_IMAGE=postgres:17-bookworm

system_codename() { (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}"); }

# image_pull IMAGE: true when the engine has it.
image_pull() {
    docker image inspect "$1" >/dev/null 2>&1 || timeout 900 docker pull -q "$1" >>"$LOGS/pull.log" 2>&1
}

# images_build [EXECUTABLES]: all four images; with a directory of ready-built executables nothing is compiled.
images_build() {
    local executables=${1:-} arguments=()
    docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [[ -z ${!name:-} ]] || arguments+=(--build-arg "$name")
    done
    : >"$LOGS/pull.log"
    if [[ -z $executables ]] && image_pull "$BASE_IMAGE" && image_pull "$SWIFT_IMAGE"; then
        step "compile and build the image (in $SWIFT_IMAGE)" docker build ${arguments[@]+"${arguments[@]}"} \
            -f deploy/Dockerfile -t "$IMAGE" .
        step "build the agencies' image" docker build ${arguments[@]+"${arguments[@]}"} \
            -f deploy/Dockerfile --target agency-worker -t "$AGENCY_IMAGE" .
    else
        say "base images cannot be pulled, or ready-built executables are used: the executables come from this machine"
        base_stand_in
        [[ -n $executables ]] || executables_build
        arguments+=(--build-arg "RUNTIME_IMAGE=$BASE_IMAGE")
        step "collect executables and runtime libraries" deploy/docker/collect "$executables" deploy/docker/prebuilt
        step "build the image" docker build ${arguments[@]+"${arguments[@]}"} \
            -f deploy/Dockerfile --target runtime-prebuilt -t "$IMAGE" .
        # With the libraries that this one needs, and no others.
        step "collect the agencies' worker" deploy/docker/collect "$executables" deploy/docker/prebuilt agency-worker
        step "build the agencies' image" docker build ${arguments[@]+"${arguments[@]}"} \
            -f deploy/Dockerfile --target agency-worker-prebuilt -t "$AGENCY_IMAGE" .
        rm -rf deploy/docker/prebuilt/bin deploy/docker/prebuilt/lib
    fi
    step "build the mail catcher's image" docker build ${arguments[@]+"${arguments[@]}"} \
        -f deploy/Dockerfile --target mail-catcher -t "$MAIL_CATCHER_IMAGE" .
    if ! image_pull "$SERVER_IMAGE"; then
        SERVER_IMAGE=dandelion-postgres:local
        base_stand_in
        step "build a PostgreSQL image from packages" docker build ${arguments[@]+"${arguments[@]}"} \
            --build-arg "RUNTIME_IMAGE=$BASE_IMAGE" -t "$SERVER_IMAGE" deploy/docker/postgres
    fi
}

# Sets `executables`. A scratch path of its own: a release build and the debug build of the tests live side by side.
executables_build() {
    ensure_packages
    build "$LOGS/build-release.log" -c release --scratch-path "$top/.build-release" || exit 1
    executables=$(products -c release --scratch-path "$top/.build-release")
}

# Executables built here need this system's C library, so the stand-in is this system's release. In an engine of our own
# it takes the base image's name; in the machine's it gets a name that deceives nobody.
base_stand_in() {
    local codename archive
    codename=$(system_codename)
    if [[ $codename == bookworm ]] && image_pull "$BASE_IMAGE"; then return 0; fi
    [[ -n $ENGINE && $codename == bookworm ]] || BASE_IMAGE=dandelion-base:$codename
    ! docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 || return 0
    archive=$state/base-$codename.tar
    # Kept for a week: making it takes longer than anything else but compiling.
    if [[ -z $(find "$archive" -mtime -7 2>/dev/null) ]]; then
        ((EUID == 0)) || fail 69 "$BASE_IMAGE cannot be pulled, and only root can make a stand-in with debootstrap"
        command -v debootstrap >/dev/null || engine_packages debootstrap "makes a root file system for the base image"
        step "make a base image with debootstrap ($codename)" base_make "$archive" "$codename"
    fi
    docker import --change 'CMD ["bash"]' "$archive" "$BASE_IMAGE" >/dev/null || fail 1 "the engine does not take $archive"
}

# base_make ARCHIVE CODENAME: about as small as the official slim image, which leaves out documentation too.
base_make() {
    local archive=$1 codename=$2 root source components
    read -r source components < <(package_source "$codename")
    [[ -n $source ]] || fail 69 "apt-get knows no source of packages for $codename"
    root=$(mktemp -d /var/tmp/ddc-root-XXXXXX)
    # shellcheck disable=SC2064
    trap "rm -rf '$root'" EXIT
    debootstrap --variant=minbase --components="$components" "$codename" "$root" "$source" &&
        printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$root/etc/dpkg/dpkg.cfg.d/slim" &&
        rm -rf "$root"/usr/share/{doc,man,info,locale}/* "$root"/var/{lib/apt/lists,cache/apt,log}/* &&
        tar -C "$root" -c -f "$archive.new" . && mv "$archive.new" "$archive"
}

# package_source CODENAME: the address this machine gets the release's packages from, and which components it uses.
package_source() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
        awk -v codename="$1" '
            $2 == codename && (source == "" || $1 == source) {
                source = $1
                if (!($3 in seen)) { seen[$3]; components = components (components == "" ? "" : ",") $3 }
            }
            END { if (source != "") print source, components }'
}
