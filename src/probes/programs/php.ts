/**
 * The probe program for containers with PHP's command line (7.0 or newer); sent by `probes/exec-runner.ts`, its records are read
 * by `probes/collector.ts`. A constant: every value comes in as an argument.
 *
 * PHP has one thread: each step is a generator that says what it waits for, and one loop resumes them. A look-up cannot wait so,
 * therefore each runs in a PHP of its own, which ends with this one.
 */
import { PHP_CONNECT } from './php-connect.ts';
import { PHP_HTTP } from './php-http.ts';
import { PHP_LOOKUP } from './php-lookup.ts';
import { PHP_TLS } from './php-tls.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

/** The image's own settings hold, less what would run, stop or watch other code; PHP takes a name that it does not know. */
const FLAGS: readonly string[] = [
  'auto_prepend_file=',
  'auto_append_file=',
  'open_basedir=',
  'disable_functions=',
  'max_execution_time=0',
  'display_errors=0',
  'log_errors=0',
  'opcache.enable_cli=0',
  'xdebug.mode=off',
  'newrelic.enabled=0',
  'datadog.trace.cli_enabled=0',
].flatMap((setting) => ['-d', setting]);

const PROGRAM = String.raw`error_reporting(0);
define("NONCE", $argv[1]);
define("CONNECT", $argv[2] / 1000);
define("LOOKUP", $argv[3] / 1000);
define("TOTAL", now() + $argv[4] / 1000);
// Linux numbers them alike on all machines that containers run on, but for MIPS and SPARC.
const ERRNO = [1 => "EPERM", 13 => "EACCES", 22 => "EINVAL", 97 => "EAFNOSUPPORT", 99 => "EADDRNOTAVAIL", 100 => "ENETDOWN",
    101 => "ENETUNREACH", 103 => "ECONNABORTED", 104 => "ECONNRESET", 110 => "ETIMEDOUT", 111 => "ECONNREFUSED", 113 => "EHOSTUNREACH"];
$servers = [];
$resolver = ["search" => [], "ndots" => 1];
$tasks = [];
$children = [];
$problems = [];
set_error_handler(function ($level, $message) {
    $GLOBALS["problems"][] = $message;
    return true;
});

function now() {
    return function_exists("hrtime") ? hrtime(true) / 1e9 : microtime(true);
}

function ms($start) {
    return "ms=" . (int) round((now() - $start) * 1000);
}

function emit(...$fields) {
    $line = NONCE;
    foreach ($fields as $field) {
        $text = preg_replace("/[^ -~]/", " ", $field);
        $line .= "\t" . substr($text, 0, preg_match("/^(cert|hex|location)=/", $text) ? 12500 : 300);
    }
    for ($line .= "\n"; $line !== ""; $line = substr($line, $written)) {
        $written = fwrite(STDOUT, $line);
        if (!$written) quit(5);
    }
}

function quit($code) {
    // Closing waits for it: the container's first process may never collect an orphan.
    foreach ($GLOBALS["children"] as $child) if (proc_terminate($child, 9)) proc_close($child);
    exit($code);
}

// What was complained of since, and forgets it.
function problems() {
    $text = implode(" ", $GLOBALS["problems"]);
    $GLOBALS["problems"] = [];
    return $text;
}

// Starts a step of a target's and keeps it until it ends; what it throws is its own trouble.
function begin($t, $task) {
    $GLOBALS["tasks"][] = [$task, $t["id"]];
    advance(max(array_keys($GLOBALS["tasks"])), function () use ($task) { $task->current(); });
    return $task;
}

function advance($key, $step) {
    list($task, $id) = $GLOBALS["tasks"][$key];
    try {
        $step();
        if ($task->valid()) return;
    } catch (Throwable $e) {
        emit("trouble", $id, "text=" . get_class($e) . " " . $e->getMessage());
    }
    unset($GLOBALS["tasks"][$key]);
}

// Nobody waits for it any more.
function cancel($task) {
    foreach ($GLOBALS["tasks"] as $key => list($one)) if ($one === $task) unset($GLOBALS["tasks"][$key]);
}

// What a step yields: it goes on when one of the streams is ready or the condition holds (true), or when the time is over (false).
function wait($read, $write, $until, $when = null) {
    return ["read" => $read, "write" => $write, "until" => $until, "when" => $when];
}

// Runs the steps until all have ended. The end of standard input means that the caller is gone.
function run() {
    global $tasks;
    while ($tasks) {
        $read = [STDIN];
        $write = $except = [];
        $until = TOTAL;
        foreach ($tasks as list($task)) {
            $waits = $task->current();
            $read = array_merge($read, $waits["read"]);
            $write = array_merge($write, $waits["write"]);
            $until = min($until, $waits["when"] && $waits["when"]() ? 0 : $waits["until"]);
        }
        $left = max(0, $until - now());
        $found = stream_select($read, $write, $except, (int) $left, (int) (fmod($left, 1) * 1e6));
        if (now() >= TOTAL) quit(4);
        if ($found === false) $read = $write = [];
        if (in_array(STDIN, $read, true) && (string) fread(STDIN, 8192) === "" && feof(STDIN)) quit(5);
        foreach ($tasks as $key => list($task)) if (isset($tasks[$key])) resume($key, $task, $read, $write);
    }
}

function resume($key, $task, $read, $write) {
    $waits = $task->current();
    $ready = $waits["when"] && $waits["when"]();
    foreach ($waits["read"] as $one) $ready = $ready || in_array($one, $read, true);
    foreach ($waits["write"] as $one) $ready = $ready || in_array($one, $write, true);
    if (!$ready && now() < $waits["until"]) return;
    advance($key, function () use ($task, $ready) { $task->send($ready); });
}

function is_literal($host) {
    return filter_var(explode("%", $host)[0], FILTER_VALIDATE_IP) !== false;
}

function read_resolver() {
    global $servers, $resolver;
    $options = [];
    $lines = file("/etc/resolv.conf");
    if ($lines === false) emit("limit", "-", "code=no_resolv_conf");
    foreach ($lines ?: [] as $line) {
        $words = preg_split("/\s+/", trim($line));
        $word = array_shift($words);
        if ($word === "nameserver" && $words) $servers[] = $words[0];
        elseif ($word === "search" || $word === "domain") $resolver["search"] = $words;
        elseif ($word === "options") $options = array_merge($options, $words);
    }
    $told = [];
    foreach ($options as $option) {
        if (preg_match("/^ndots:(\d+)$/", $option, $found)) $resolver["ndots"] = (int) $found[1];
        else $told[] = "option=" . $option;
    }
    foreach (array_slice($servers, 0, 8) as $server) $told[] = "nameserver=" . $server;
    foreach (array_slice($resolver["search"], 0, 16) as $domain) $told[] = "search=" . $domain;
    emit("resolver", "-", "ndots=" . $resolver["ndots"], ...$told);
    $servers = array_slice(array_values(array_filter($servers, "is_literal")), 0, 3) ?: ["127.0.0.1"];
}

function tell_proxies() {
    foreach (["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"] as $name)
        foreach ([$name, strtolower($name)] as $key) {
            $value = getenv($key);
            if ($value) emit("env", "-", "name=" . $key, "value=" . preg_replace("#^(.*?://)?.*@#", "$1", $value));
        }
}

function libc() {
    $maps = (string) file_get_contents("/proc/self/maps");
    if (preg_match("#/(ld-musl-|libc\.musl-)#", $maps)) return ["libc=musl"];
    return preg_match("#/libc(-2\.\d+)?\.so#", $maps) ? ["libc=glibc"] : [];
}

${PHP_LOOKUP}
${PHP_CONNECT}
${PHP_TLS}
${PHP_HTTP}
function tell_limits($targets) {
    $names = array_filter($targets, function ($t) { return !is_literal($t["host"]); });
    if ($names && !function_exists("socket_addrinfo_lookup")) emit("limit", "-", "code=lookup_ipv4");
    $tls = array_filter($targets, function ($t) { return $t["tls"]; });
    $codes = [];
    if ($tls && extension_loaded("openssl")) {
        if (!has_trust_store()) $codes[] = "no_trust_store";
        if (!function_exists("socket_export_stream")) $codes[] = "no_segment";
    } elseif ($tls) {
        $codes[] = "no_tls";
        foreach ($tls as $t) if ($t["path"] !== "-") $codes[] = "no_http_tls";
    }
    foreach ($codes as $code) emit("limit", "-", "code=" . $code);
}

function probe($t) {
    $addresses = [$t["host"]];
    if (!is_literal($t["host"])) $addresses = yield from lookup($t);
    connect_all($t, array_slice($addresses, 0, 4));
}

emit("hello", "-", "rung=php", "version=" . PHP_VERSION, "time=" . time(), ...libc());
$targets = [];
for ($i = 5; $i + 4 < count($argv); $i += 5)
    $targets[] = ["id" => $argv[$i], "host" => $argv[$i + 1], "port" => (int) $argv[$i + 2], "tls" => $argv[$i + 3] === "1", "path" => $argv[$i + 4]];
tell_limits($targets);
tell_proxies();
read_resolver();
foreach ($targets as $t) {
    begin($t, probe($t));
    begin($t, ask_proxy($t, proxy_of($t["tls"])));
}
run();
emit("done", "-");
quit(0);
`;

const LOADER = `$program = "";
while (($line = fgets(STDIN)) !== false && $line !== "${END_OF_PROGRAM}\\n") $program .= $line;
eval($program);
`;

const START: readonly string[] = ['php', ...FLAGS, '-r', LOADER, '--'];

export const PHP: Rung = {
  name: 'php',
  detect: `php ${FLAGS.join(' ')} -r 'exit(PHP_SAPI === "cli" && PHP_VERSION_ID >= 70000 && function_exists("proc_open") ? 0 : 1);'`,
  start: START,
  direct: [START],
  program: PROGRAM,
};
