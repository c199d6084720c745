/** The part of `programs/php.ts` that looks names up: through the C library in a PHP of its own, and by raw questions to the pod's name servers. */

/**
 * Prints how long it `took`, then `addr` lines or why there are none. With the sockets extension by getaddrinfo, as PHP's own streams do it; without it
 * only IPv4 addresses can be listed. Opening a UDP stream resolves the name and sends nothing: it tells the reason, or the one
 * address of a name that has IPv6 alone; where there is no route to that, the name server is asked what it was.
 */
const RESOLVE = String.raw`error_reporting(0);
$host = $argv[1];
$found = [];
$start = microtime(true);
if (function_exists("socket_addrinfo_lookup")) {
    foreach (socket_addrinfo_lookup($host, null, ["ai_socktype" => SOCK_STREAM]) ?: [] as $one) {
        $address = socket_addrinfo_explain($one)["ai_addr"];
        $found[] = isset($address["sin6_addr"]) ? $address["sin6_addr"] : $address["sin_addr"];
    }
} else {
    $found = gethostbynamel($host) ?: [];
}
echo "took ", round((microtime(true) - $start) * 1000), "\n";
if (!$found) {
    $stream = stream_socket_client("udp://$host:9", $code, $text, 1);
    $name = $stream ? (string) stream_socket_get_name($stream, true) : "";
    $why = error_get_last()["message"];
    if ($name !== "") $found[] = trim(substr($name, 0, strrpos($name, ":")), "[]");
    elseif (strpos($why, "unreachable") !== false) $found = array_column(dns_get_record($host, DNS_AAAA) ?: [], "ipv6");
    if (!$found) echo "text $why\n";
}
foreach (array_unique($found) as $address) echo "addr $address\n";
`;

export const PHP_LOOKUP = String.raw`const RESOLVE = '${RESOLVE}';

// As the C libraries say it: glibc, then musl.
const LIBRARY_ERRORS = ["Name or service not known" => "EAI_NONAME", "Name does not resolve" => "EAI_NONAME",
    "No address associated" => "EAI_NODATA", "Name has no usable address" => "EAI_NODATA", "Temporary failure" => "EAI_AGAIN",
    "Try again" => "EAI_AGAIN", "Non-recoverable" => "EAI_FAIL", "Unrecoverable" => "EAI_FAIL"];

// Up to two addresses of each family first: those are the ones that are tried.
function in_order($addresses) {
    $six = array_values(array_filter($addresses, function ($a) { return strpos($a, ":") !== false; }));
    $four = array_values(array_diff($addresses, $six));
    return array_merge(array_slice($four, 0, 2), array_slice($six, 0, 2), array_slice($four, 2), array_slice($six, 2));
}

function start_resolver($host, &$pipes) {
    $command = [PHP_BINARY, "-n"];
    if (function_exists("socket_addrinfo_lookup")) array_push($command, "-d", "extension=sockets");
    array_push($command, "-r", RESOLVE, "--", $host);
    if (PHP_VERSION_ID < 70400) $command = "exec " . implode(" ", array_map("escapeshellarg", $command));
    $child = proc_open($command, [["pipe", "r"], ["pipe", "w"], ["file", "/dev/null", "w"]], $pipes);
    if ($child) $GLOBALS["children"][] = $child;
    return $child;
}

function end_child($child) {
    global $children;
    if (!$child) return;
    proc_terminate($child, 9);
    proc_close($child);
    unset($children[array_search($child, $children, true)]);
}

// Gives what the resolver printed, of which nothing may have come by then.
function getaddrinfo($host, $until) {
    $child = start_resolver($host, $pipes);
    $text = "";
    if ($child) stream_set_blocking($pipes[1], false);
    while ($child && !feof($pipes[1]) && (yield wait([$pipes[1]], [], $until))) $text .= fread($pipes[1], 8192);
    end_child($child);
    return $text;
}

function library_error($text) {
    foreach (LIBRARY_ERRORS as $words => $name) if (strpos($text, $words) !== false) return $name;
    return "failed";
}

function ask_library($t, $host, $form, $until) {
    $text = yield from getaddrinfo($host, $until);
    preg_match_all("/^addr (.+)$/m", $text, $lines);
    $found = in_order($lines[1]);
    $fields = [];
    foreach (array_slice($found, 0, 16) as $address) $fields[] = "addr=" . $address;
    preg_match("/^text (?:.*getaddrinfo[^:]*: )?(.*?)\)?$/m", $text, $why);
    if (!$found) $fields = ["err=" . library_error($text), "text=" . ($why ? $why[1] : "")];
    // Nothing at all: the library has not answered.
    if (preg_match("/^took (\d+)$/m", $text, $took)) emit("library", $t["id"], "form=" . $form, "ms=" . $took[1], ...$fields);
    return $found;
}

function bracketed($address) {
    return strpos($address, ":") === false ? $address : "[" . $address . "]";
}

function query($name, $type) {
    $labels = "";
    foreach (array_filter(explode(".", $name), "strlen") as $label) $labels .= chr(strlen($label)) . $label;
    return random_bytes(2) . pack("n5", 0x0100, 1, 0, 0, 0) . $labels . "\0" . pack("n2", $type === "A" ? 1 : 28, 1);
}

// What can be read, and the error's name where reading failed.
function read_some($stream) {
    problems();
    $text = (string) fread($stream, 65536);
    if ($text !== "") return [$text, ""];
    $said = problems();
    if (preg_match("/errno=(\d+)/", $said, $found)) return ["", errno_name($found[1])];
    return ["", strpos($said, "Connection reset") === false ? "" : "ECONNRESET"];
}

// What a name server sent by now: the reply and the error's name, both empty where nothing came.
function read_udp($socket, $packet) {
    list($reply, $error) = read_some($socket);
    return strlen($reply) > 11 && substr($reply, 0, 2) === substr($packet, 0, 2) ? [$reply, ""] : ["", $error];
}

// Waits a quarter of a second at most, because the end may come nearer.
function wait_udp($socket, $packet, $end) {
    $result = ["", ""];
    while ($result === ["", ""] && now() < $end())
        if (yield wait([$socket], [], min($end(), now() + 0.25))) $result = read_udp($socket, $packet);
    return $result;
}

function ask_tcp($server, $packet, $until) {
    list($socket, $error) = yield from open($server, 53, $until, []);
    if (!$socket) return ["", $error === "ETIMEDOUT" ? "" : $error];
    fwrite($socket, pack("n", strlen($packet)) . $packet);
    $data = "";
    while (strlen($data) < 14 || strlen($data) < 2 + unpack("n", $data)[1]) {
        if (!(yield wait([$socket], [], $until))) return ["", ""];
        list($chunk, $error) = read_some($socket);
        if ($chunk === "") return ["", $error ?: "closed"];
        $data .= $chunk;
    }
    return [substr($data, 2), ""];
}

// The result of a step that goes on beside this one, once it is there.
function hold($holder, $step) {
    $holder["result"] = yield from $step;
    $holder["at"] = now();
}

// Gives whether it is whole, and whether it settles the question: after NOERROR and NXDOMAIN no other server is asked.
function tell_reply($t, $fields, $start, $result) {
    list($reply, $error) = $result;
    array_push($fields, ms($start), $reply === "" ? "err=" . ($error ?: "timeout") : "hex=" . bin2hex(substr($reply, 0, 4096)));
    emit("dns", $t["id"], ...$fields);
    return $reply === "" ? [false, false] : [!(ord($reply[2]) & 2), in_array(ord($reply[3]) & 15, [0, 3], true)];
}

// One question to one server over UDP. Where that stays silent for a third of the time or is cut short, also over TCP, but for
// the names of the search list.
function ask_server($t, $fields, $packet, $server, $end) {
    $start = now();
    if (is_metadata($server)) return tell_reply($t, $fields, $start, ["", "metadata"])[1];
    $suffixed = count($fields) > 2;
    $fields[] = "via=udp";
    $udp = stream_socket_client("udp://" . bracketed($server) . ":53", $errno, $text, 0);
    if (!$udp) return tell_reply($t, $fields, $start, ["", errno_name($errno)])[1];
    stream_set_blocking($udp, false);
    fwrite($udp, $packet);
    $third = $start + ($end() - $start) / 3;
    $result = yield from wait_udp($udp, $packet, function () use ($third, $end) { return min($third, $end()); });
    if ($result === ["", ""]) fwrite($udp, $packet);
    if ($result === ["", ""] && $suffixed) $result = yield from wait_udp($udp, $packet, $end);
    if ($result === ["", ""] && !$suffixed) return yield from ask_both($t, $fields, $packet, $server, $end, [$udp, $start]);
    list($whole, $settled) = tell_reply($t, $fields, $start, $result);
    if ($whole || $suffixed || $result[0] === "") return $settled;
    return yield from ask_both($t, $fields, $packet, $server, $end, null);
}

// The rest of it: over TCP, while UDP may still answer where "silent" is its socket and when it began.
function ask_both($t, $fields, $packet, $server, $end, $silent) {
    $again = now();
    $tcp = new ArrayObject();
    $task = begin($t, hold($tcp, ask_tcp($server, $packet, $end())));
    $over = array_merge(array_slice($fields, 0, -1), ["via=tcp"]);
    while (now() < $end() && ($silent || !isset($tcp["result"]))) {
        $done = isset($tcp["result"]);
        yield wait($silent ? [$silent[0]] : [], [], min($end(), now() + 0.25), function () use ($tcp, $done) { return !$done && isset($tcp["result"]); });
        $result = $silent ? read_udp($silent[0], $packet) : ["", ""];
        if ($result !== ["", ""]) {
            list($whole, $settled) = tell_reply($t, $fields, $silent[1], $result);
            $silent = null;
            if ($whole) {
                cancel($task);
                return $settled;
            }
        }
        if (isset($tcp["result"]) && $tcp["result"][0] !== "") break;
    }
    cancel($task);
    $late = isset($tcp["at"]) ? now() - $tcp["at"] : 0;
    list(, $settled) = tell_reply($t, $over, $again + $late, isset($tcp["result"]) ? $tcp["result"] : ["", ""]);
    if ($silent) tell_reply($t, $fields, $silent[1], ["", ""]);
    return $settled;
}

// Each server in turn until one has settled it; no longer than the connections take that go on meanwhile.
function ask_servers($t, $type, $suffix, $clock) {
    $servers = $GLOBALS["servers"];
    $fields = $suffix === "" ? [] : ["suffix=" . $suffix];
    foreach ($servers as $i => $server) {
        $start = now();
        if ($start >= $clock["end"]) return;
        $left = count($servers) - $i;
        $end = function () use ($start, $clock, $left) { return $start + ($clock["end"] - $start) / $left; };
        $packet = query($suffix === "" ? $t["host"] : $t["host"] . "." . $suffix, $type);
        if (yield from ask_server($t, array_merge(["q=" . $type, "server=" . $server], $fields), $packet, $server, $end)) return;
    }
}

// The absolute name is the control where the application gets nothing: reported, never connected to.
function ask_as_application($t, $until, $clock) {
    $found = yield from ask_library($t, $t["host"], "app", $until);
    $clock["found"] = $found;
    $clock["end"] = min($clock["end"], now() + CONNECT);
    if (!$found && substr($t["host"], -1) !== ".") yield from ask_library($t, $t["host"] . ".", "absolute", $until);
}

// Gives the addresses as soon as the application would have them.
function lookup($t) {
    global $resolver;
    $start = now();
    // A second for the start of the PHP that asks.
    $until = $start + LOOKUP + 1;
    $clock = new ArrayObject(["end" => $start + LOOKUP * 0.95]);
    $work = [begin($t, ask_as_application($t, $until, $clock))];
    foreach (["A", "AAAA"] as $type) $work[] = begin($t, ask_servers($t, $type, "", $clock));
    if (substr_count($t["host"], ".") < $resolver["ndots"] && substr($t["host"], -1) !== ".")
        foreach (array_slice($resolver["search"], 0, 6) as $domain) $work[] = begin($t, ask_servers($t, "A", $domain, $clock));
    begin($t, tell_looked($t, $start, $until, $work));
    yield wait([], [], $until, function () use ($clock) { return isset($clock["found"]); });
    return isset($clock["found"]) ? $clock["found"] : [];
}

function tell_looked($t, $start, $until, $work) {
    yield wait([], [], $until, function () use ($work) {
        foreach ($work as $one) if ($one->valid()) return false;
        return true;
    });
    emit("looked", $t["id"], ms($start));
}
`;
