/** The part of `programs/php.ts` that asks one HEAD over the connection that stands, and a CONNECT of the proxy that the environment names. */
export const PHP_HTTP = String.raw`function authority($host, $port) {
    return bracketed($host) . ($port ? ":" . $port : "");
}

// One request; gives the answer's head, up to 16 KB of it, or why there is none.
function ask($stream, $request) {
    $until = now() + CONNECT;
    $text = "";
    fwrite($stream, implode("\r\n", $request) . "\r\n\r\n");
    while (!preg_match("/\r?\n\r?\n/", $text) && strlen($text) < 16384) {
        if (!(yield wait([$stream], [], $until))) return ["", "timeout"];
        // Until nothing is left: what OpenSSL has taken in already shows to no select.
        do {
            list($chunk, $error) = read_some($stream);
            $text .= $chunk;
        } while ($chunk !== "");
        if ($error !== "") return [$text, $error];
        if (feof($stream)) return [$text, "closed"];
    }
    return [$text, ""];
}

function answer($result, $names) {
    list($text, $error) = $result;
    $lines = preg_split("/\r?\n/", preg_split("/\r?\n\r?\n/", $text)[0]);
    if (!preg_match("#^HTTP/1\.[01] ([1-5]\d\d)\b#", array_shift($lines), $status)) return ["err=" . ($error ?: "EPROTO")];
    $fields = ["status=" . $status[1]];
    foreach ($lines as $line) {
        $parts = explode(":", $line, 2);
        if (count($parts) === 2 && in_array(strtolower($parts[0]), $names, true)) $fields[] = strtolower($parts[0]) . "=" . trim($parts[1]);
    }
    return $fields;
}

function head($t, $address, $stream) {
    $start = now();
    $host = authority($t["host"], $t["port"] === ($t["tls"] ? 443 : 80) ? 0 : $t["port"]);
    $result = yield from ask($stream, ["HEAD " . $t["path"] . " HTTP/1.1", "Host: " . $host, "Accept: */*", "Connection: close"]);
    emit("http", $t["id"], "addr=" . $address, ms($start), ...answer($result, ["location", "via", "server"]));
}

// NO_PROXY as most clients read it: names and what ends in them, with or without a leading dot, and "*".
function is_direct($t) {
    $host = strtolower($t["host"]);
    foreach (preg_split("/[\s,]+/", strtolower(getenv("no_proxy") ?: (string) getenv("NO_PROXY"))) as $entry) {
        if ($entry === "" || !preg_match("/^\*?\.?(.*?)(?::(\d+))?$/", $entry, $found)) continue;
        if (isset($found[2]) && (int) $found[2] !== $t["port"]) continue;
        if ($entry === "*" || $host === $found[1] || substr($host, -strlen($found[1]) - 1) === "." . $found[1]) return true;
    }
    return false;
}

function proxy_of($t) {
    $first = $t["tls"] ? "https_proxy" : "http_proxy";
    foreach ([$first, strtoupper($first), "all_proxy", "ALL_PROXY"] as $name) {
        $value = (string) getenv($name);
        if ($value === "" || is_direct($t)) continue;
        $url = parse_url(strpos($value, "://") === false ? "http://" . $value : $value);
        if (!$url || !isset($url["host"])) return null;
        $plain = strtolower($url["scheme"]) === "http";
        $port = isset($url["port"]) ? $url["port"] : ($plain ? 80 : 1080);
        return ["name" => $name, "host" => trim($url["host"], "[]"), "port" => $port, "plain" => $plain];
    }
    return null;
}

function tunnel($t, $proxy) {
    if (!$proxy["plain"]) return ["err=scheme"];
    $addresses = [$proxy["host"]];
    if (!is_literal($proxy["host"])) {
        preg_match_all("/^addr (.+)$/m", (yield from getaddrinfo($proxy["host"], now() + LOOKUP)), $lines);
        $addresses = in_order($lines[1]);
    }
    if (!$addresses) return ["err=lookup"];
    if (is_metadata($addresses[0])) return ["err=metadata"];
    list($stream, $error) = yield from open($addresses[0], $proxy["port"], now() + CONNECT, []);
    if (!$stream) return ["err=" . $error];
    $to = authority($t["host"], $t["port"]);
    $result = yield from ask($stream, ["CONNECT " . $to . " HTTP/1.1", "Host: " . $to]);
    return answer($result, ["via"]);
}

function check_proxy($t) {
    $proxy = proxy_of($t);
    if (!$proxy) return;
    $start = now();
    $fields = yield from tunnel($t, $proxy);
    emit("proxy", $t["id"], "name=" . $proxy["name"], "host=" . $proxy["host"], "port=" . $proxy["port"], ms($start), ...$fields);
}
`;
