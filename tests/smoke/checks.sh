# The checks of tests/smoke/run. Sourced by it; every function that says so prints one line and counts.

passed=0 failed=0 skipped=0
gateway_port=18810 models_port=18811 demo_port=18812
gateway="http://127.0.0.1:$gateway_port"
home=$(mktemp -d)
log=$home/log
started=()
gateway_pid=

clean_up() {
  for pid in ${started[@]+"${started[@]}"}; do kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null; done
  rm -rf "$home"
}
trap clean_up EXIT

part() { echo "# $1"; part=$1; }
pass() { passed=$((passed + 1)); echo "passed   $part: $1"; }
fail() { failed=$((failed + 1)); echo "FAILED   $part: $1"; tail -n 25 "$log" 2>/dev/null | cut -c1-400 | sed 's/^/         /'; }
skip() { skipped=$((skipped + 1)); echo "skipped  $part: $1"; }
check() { local name=$1; shift; if "$@" >"$log" 2>&1; then pass "$name"; else fail "$name"; fi; }
fails() { local name=$1; shift; if "$@" >"$log" 2>&1; then fail "$name"; else pass "$name"; fi; }
summary() { echo "$passed passed, $failed failed, $skipped skipped"; [ "$failed" -eq 0 ]; }

# ---- artefacts --------------------------------------------------------------------------------------------------------------------------
publishes() {
  dotnet publish src/Synthwave -p:Analyze=false -v m --nologo "$@" || return 1
  ! grep -E ': (warning|error) ' "$log"
}

installs_tool() { # packages folder, tool folder
  printf '<configuration><packageSources><clear /><add key="here" value="%s" /></packageSources></configuration>\n' "$1" >"$home/nuget.config"
  dotnet tool install synthwave --tool-path "$2" --configfile "$home/nuget.config" && "$2/synthwave" --version
}

# ---- a root of its own, read-only, for a user that does not exist ------------------------------------------------------------------------
can_jail() { [ "$(id -u)" = 0 ] && command -v unshare >/dev/null && unshare -m true 2>/dev/null; }

copy_libraries() { # root, files: the shared libraries they name
  local root=$1 library
  shift
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -Ln "$library" "$root$library"
  done < <(for file in "$@"; do ldd "$file" 2>/dev/null; done | grep -o '/[^ ]*' | sort -u)
}

new_root() { # root: an empty file system with what an engine puts into it
  mkdir -p "$1"/{proc,dev,tmp,etc/synthwave}
  touch "$1"/dev/{null,urandom}
}

jail() { # root, binary: one file over glibc and OpenSSL, nothing else
  new_root "$1"
  cp "$2" "$1/"
  copy_libraries "$1" "$2"
  copy_openssl "$1"
}

# .NET opens OpenSSL by name when it first needs a hash or a connection.
copy_openssl() { # root
  local library
  for library in $(ldconfig -p | grep -o '/[^ ]*/lib\(ssl\|crypto\)\.so\.3$'); do
    mkdir -p "$1$(dirname "$library")"
    cp -L "$library" "$1$library"
    copy_libraries "$1" "$library"
  done
}

jail_with_runtime() { # root, published folder: what the Dockerfile's base and its COPY make; reads entry point and health check from it
  local runtime version
  runtime=$(dirname "$(readlink -f "$(command -v dotnet)")")
  new_root "$1"
  mkdir -p "$1/usr/share/dotnet/shared" "$1/usr/bin"
  cp -R "$2" "$1/app"
  cp -R "$runtime/dotnet" "$runtime/host" "$1/usr/share/dotnet/"
  for name in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
    version=$(ls "$runtime/shared/$name" | grep '^10\.' | sort -V | tail -n 1)
    mkdir -p "$1/usr/share/dotnet/shared/$name"
    cp -R "$runtime/shared/$name/$version" "$1/usr/share/dotnet/shared/$name/"
  done
  ln -s ../share/dotnet/dotnet "$1/usr/bin/dotnet"
  copy_libraries "$1" "$1/usr/share/dotnet/dotnet" "$1"/usr/share/dotnet/shared/Microsoft.NETCore.App/*/*.so
  copy_openssl "$1"
  mapfile -t entrypoint < <(json_words '^ENTRYPOINT ')
  mapfile -t healthcheck < <(json_words '^HEALTHCHECK ')
}

json_words() { grep -E "$1" Dockerfile | tail -n 1 | grep -o '\[.*\]' | tr -d '[]"' | tr ',' '\n' | sed 's/^ *//'; }

# As the gateway's own kernel sees it: the mount its root is on.
is_read_only() { awk '$5 == "/" { print; if ($6 ~ /^ro(,|$)/) found = 1 } END { exit !found }' "/proc/$gateway_pid/mountinfo"; }
runs_as() { [ "$(stat -c %u "/proc/$gateway_pid")" = "$1" ] || { stat "/proc/$gateway_pid"; false; }; }

# ---- a gateway over simulated models -----------------------------------------------------------------------------------------------------
write_configuration() { # file, brand
  cat >"$1" <<TOML
[server]
host = "127.0.0.1"
port = $gateway_port
model_name = "$2"

[upstreams.one]
model_id = "sim-one"
base_url = "http://127.0.0.1:$models_port/v1"
context = 32768
max_output = 1024
proxy = "none"

[upstreams.two]
model_id = "sim-two"
base_url = "http://127.0.0.1:$models_port/v1"
context = 32768
max_output = 1024
proxy = "none"

[profiles.ensemble]
type = "moa"
generators = ["one", "two"]
synthesizer = "one"

[profiles.first]
type = "cascade"
upstreams = ["one", "two"]
TOML
}

until_true() { # seconds, command
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

healthy() { curl -sf -o "$home/ready" "$gateway/healthz"; }
answers_within() { until_true "$1" healthy || { cat "$home/gateway.log"; false; }; }

serve() { # configuration file, the same as the command sees it, command
  local file=$1 seen=$2
  shift 2
  write_configuration "$file" brand-1
  printf '[models.sim-one]\ntext = "One says hello."\n[models.sim-two]\ntext = "Two says hello."\n' >"$(dirname "$file")/models.toml"
  "$@" simulate --config "$(dirname "$seen")/models.toml" --port $models_port >"$home/models.log" 2>&1 &
  started+=($!)
  check "simulated models start" until_true 30 curl -sf -o "$home/ready" "http://127.0.0.1:$models_port/v1/models"
  META_MODEL_CONFIG=$seen "$@" serve >"$home/gateway.log" 2>&1 &
  gateway_pid=$!
  started+=($gateway_pid)
  check "starts and is healthy" answers_within 30
}

stops_on_sigterm() { # also ends the models
  kill -TERM "$gateway_pid" 2>/dev/null
  check "SIGTERM ends it with exit code 0" wait "$gateway_pid"
  for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null; done
  wait
  started=()
}

# ---- doors ------------------------------------------------------------------------------------------------------------------------------
# method path pattern [body]: 200 and the pattern in the answer.
answers() {
  local status
  status=$(curl -sS -m 30 -o "$home/answer" -w '%{http_code}' -X "$1" "$gateway$2" -H 'content-type: application/json' ${4:+-d "$4"})
  cat "$home/answer"
  echo " ($1 $2: $status, wanted 200 with $3)"
  [ "$status" = 200 ] && grep -q -E -- "$3" "$home/answer"
}

all_doors() {
  local user='"messages":[{"role":"user","content":"Say hello."}]'
  check "GET /healthz" answers GET /healthz '"status"'
  check "GET /health" answers GET /health '"status"'
  check "GET /v1/models" answers GET /v1/models '"id": ?"brand-1"'
  check "GET /metrics" answers GET /metrics '\{'
  check "GET /metrics as Prometheus text" prometheus
  check "POST /v1/chat/completions" answers POST /v1/chat/completions 'says hello' "{\"model\":\"ensemble\",$user}"
  check "POST /v1/chat/completions, one upstream" answers POST /v1/chat/completions 'One says hello' "{\"model\":\"one\",$user}"
  check "POST /v1/chat/completions, stream" answers POST /v1/chat/completions '^data: \[DONE\]' "{\"model\":\"ensemble\",\"stream\":true,$user}"
  check "POST /v1/completions" answers POST /v1/completions '"object": ?"text_completion"' '{"model":"first","prompt":"Say hello."}'
  check "POST /v1/responses" answers POST /v1/responses '"object": ?"response"' '{"model":"first","input":"Say hello."}'
  check "POST /v1/responses, stream" answers POST /v1/responses '^event: response.completed' '{"model":"first","input":"Say hello.","stream":true}'
  check "POST /v1/messages" answers POST /v1/messages '"type": ?"message"' "{\"model\":\"first\",\"max_tokens\":100,$user}"
  check "POST /v1/messages, stream" answers POST /v1/messages '^event: message_stop' "{\"model\":\"first\",\"max_tokens\":100,\"stream\":true,$user}"
  check "POST /v1/messages/count_tokens" answers POST /v1/messages/count_tokens '"input_tokens"' "{\"model\":\"first\",$user}"
  check "POST /v1/embeddings" answers POST /v1/embeddings '"embedding"' '{"model":"one","input":"hello"}'
  check "POST /tokenize" answers POST /tokenize '"count"|"tokens"' '{"model":"one","prompt":"hello there"}'
}

prometheus() { curl -sSf -m 30 -H 'accept: text/plain' "$gateway/metrics" -o "$home/answer" && grep '^# TYPE synthwave' "$home/answer"; }

lists() { curl -sf "$gateway/v1/models" -o "$home/answer" && grep -q "\"$1\"" "$home/answer"; }

says_broken() { grep -E "$(basename "$1"):[0-9]+:[0-9]+" "$home/gateway.log" || { tail -n 5 "$home/gateway.log"; false; }; }

reloads() { # configuration file
  write_configuration "$1" brand-2
  check "a rewritten file is picked up" until_true 15 lists brand-2
  printf '[server\n' >>"$1"
  check "a broken file is named in the log" until_true 15 says_broken "$1"
  check "and changes nothing" lists brand-2
}

# ---- the README's demo --------------------------------------------------------------------------------------------------------------------
# Its commands, word for word but for the port, run one after the other.
demo_of_readme() {
  local start curl_line
  start=$(grep -m 1 -E '^dotnet run .* -- demo$' README.md)
  curl_line=$(grep -m 1 -A 1 -E '^curl -N http://127.0.0.1:8400/v1/chat/completions' README.md | sed "s/8400/$demo_port/")
  # In a group of its own, as at a terminal, and with the interrupt that a shell takes from what it starts in the background.
  setsid env --default-signal=INT bash -c "exec $start --port $demo_port" >"$home/demo.log" 2>&1 &
  local demo=$!
  started+=($demo)
  check "says at once that it builds" until_true 30 grep Building "$home/demo.log"
  check "'$start' is ready" until_true 240 curl -sf -o "$home/ready" "http://127.0.0.1:$demo_port/healthz"
  check "says how to ask" grep -E 'curl -N' "$home/demo.log"
  check "the README's request streams an answer" streams "$curl_line"
  check "the terminal shows who drafted and who wrote" until_true 5 grep -E 'synthesis' "$home/demo.log"
  kill -INT -- "-$demo"
  check "Ctrl+C ends it" until_true 60 gone "$demo"
}

streams() { bash -c "$1" >"$home/answer" && cat "$home/answer" && grep -q '^data: \[DONE\]' "$home/answer"; }
gone() { ! kill -0 -- "-$1" 2>/dev/null; }
