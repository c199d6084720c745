/** The part of `programs/php.ts` that looks names up: through the C library in a PHP of its own, and by raw questions to the pod's name servers. */

/**
 * Prints how long it `took`, then `addr` lines or why there are none. With the sockets extension by getaddrinfo, as PHP's own streams do it; without it
 * only IPv4 addresses can be listed. Opening a UDP stream resolves the name and sends nothing: it tells the reason, or the one
 * address of a name that has IPv6 alone.
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
    if ($name !== "") $found[] = trim(substr($name, 0, strrpos($name, ":")), "[]");
    else echo "text ", error_get_last()["message"], "\n";
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

function question($host, $type) {
    $labels = "";
    foreach (array_filter(explode(".", $host), "strlen") as $label) $labels .= chr(strlen($label)) . $label;
    return random_bytes(2) . pack("n5", 0x0100, 1, 0, 0, 0) . $labels . "\0" . pack("n2", $type, 1);
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

// Sent again half-way. Gives the reply and the error's name, both empty when the time is over.
function ask_udp($server, $packet, $until) {
    $socket = stream_socket_client("udp://" . bracketed($server) . ":53", $errno, $text, 0);
    if (!$socket) return ["", errno_name($errno)];
    stream_set_blocking($socket, false);
    foreach ([now() + ($until - now()) / 2, $until] as $end) {
        fwrite($socket, $packet);
        while (yield wait([$socket], [], $end)) {
            list($reply, $error) = read_some($socket);
            if ($error !== "" || (strlen($reply) > 3 && substr($reply, 0, 2) === substr($packet, 0, 2))) return [$reply, $error];
        }
    }
    return ["", ""];
}

function ask_tcp($server, $packet, $until) {
    list($socket, $error) = yield from open($server, 53, $until, []);
    if (!$socket) return ["", $error === "ETIMEDOUT" ? "" : $error];
    fwrite($socket, pack("n", strlen($packet)) . $packet);
    $data = "";
    while (strlen($data) < 2 || strlen($data) < 2 + unpack("n", $data)[1]) {
        if (!(yield wait([$socket], [], $until))) return ["", ""];
        list($chunk, $error) = read_some($socket);
        if ($chunk === "") return ["", $error ?: "closed"];
        $data .= $chunk;
    }
    return [substr($data, 2), ""];
}

function tell_reply($t, $fields, $start, $result) {
    list($reply, $error) = $result;
    array_push($fields, ms($start), $reply === "" ? "err=" . ($error ?: "timeout") : "hex=" . bin2hex(substr($reply, 0, 4096)));
    emit("dns", $t["id"], ...$fields);
    return $reply !== "";
}

// One question: each server in turn until one answers, over UDP and, where that is silent or truncated, over TCP.
function ask_servers($t, $type, $suffix) {
    $servers = $GLOBALS["servers"];
    $end = now() + LOOKUP * 0.95;
    foreach ($servers as $i => $server) {
        $packet = question($suffix === "" ? $t["host"] : $t["host"] . "." . $suffix, $type === "A" ? 1 : 28);
        $fields = ["q=" . $type, "server=" . $server];
        if ($suffix !== "") $fields[] = "suffix=" . $suffix;
        $start = now();
        $share = max(0, $end - $start) / (count($servers) - $i);
        $udp = yield from ask_udp($server, $packet, $start + $share * 0.6);
        $answered = tell_reply($t, array_merge($fields, ["via=udp"]), $start, $udp);
        if ($answered && !(ord($udp[0][2]) & 2)) return;
        $again = now();
        $tcp = yield from ask_tcp($server, $packet, $start + $share);
        if (tell_reply($t, array_merge($fields, ["via=tcp"]), $again, $tcp) || $answered) return;
    }
}

// The absolute name is the control where the application gets nothing: reported, never connected to.
function ask_as_application($t, $until, &$found) {
    $found = yield from ask_library($t, $t["host"], "app", $until);
    if (!$found) yield from ask_library($t, $t["host"] . ".", "absolute", $until);
}

// Gives the addresses as soon as the application would have them.
function lookup($t) {
    global $resolver;
    $start = now();
    // A second for the start of the PHP that asks.
    $until = $start + LOOKUP + 1;
    $found = null;
    $work = [begin($t, ask_as_application($t, $until, $found))];
    foreach (["A", "AAAA"] as $type) $work[] = begin($t, ask_servers($t, $type, ""));
    if (substr_count($t["host"], ".") < $resolver["ndots"] && substr($t["host"], -1) !== ".")
        foreach (array_slice($resolver["search"], 0, 6) as $domain) $work[] = begin($t, ask_servers($t, "A", $domain));
    begin($t, tell_looked($t, $start, $until, $work));
    yield wait([], [], $until, function () use (&$found) { return $found !== null; });
    return $found ?: [];
}

function tell_looked($t, $start, $until, $work) {
    yield wait([], [], $until, function () use ($work) {
        foreach ($work as $one) if ($one->valid()) return false;
        return true;
    });
    emit("looked", $t["id"], ms($start));
}
`;
