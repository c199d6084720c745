/** The part of `programs/php.ts` that asks one HEAD over the connection that stands, and a CONNECT of the proxy that the environment names. */
export const PHP_HTTP = String.raw`function authority($host, $port) {
    return bracketed($host) . ($port ? ":" . $port : "");
}

// One request; gives the answer's head, without those that only announce one (100, 103), or why there is none.
function ask($stream, $request) {
    $until = now() + CONNECT;
    $text = "";
    fwrite($stream, implode("\r\n", $request) . "\r\n\r\n");
    while (!preg_match("/\r?\n\r?\n/", $text) && strlen($text) < 32768) {
        if (!(yield wait([$stream], [], $until))) return ["", "timeout"];
        // Until nothing is left: what OpenSSL has taken in already shows to no select.
        do {
            list($chunk, $error) = read_some($stream);
            $text = preg_replace("#^(HTTP/1\.[01] 1(?!01).*?\r?\n\r?\n)+#s", "", $text . $chunk);
        } while ($chunk !== "" && strlen($text) < 32768);
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
    $result = yield from ask($stream, ["HEAD " . $t["path"] . " HTTP/1.1", "Host: " . $host, "User-Agent: k8s-egress-diagnose",
        "Accept: */*", "Connection: close"]);
    emit("http", $t["id"], "addr=" . $address, ms($start), ...answer($result, ["location", "via", "server"]));
}

// The variable, and what of its value can be used. Everything before the last @ may be a password.
function proxy_of($tls) {
    $first = $tls ? "https_proxy" : "http_proxy";
    foreach ([$first, strtoupper($first), "all_proxy", "ALL_PROXY"] as $name) {
        $value = (string) getenv($name);
        if ($value === "") continue;
        if (!preg_match("#^(?:([^:/]*)://)?(?:.*@)?(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?:/|$)#i", $value, $parts)) return null;
        $scheme = strtolower($parts[1] ?: "http");
        $usual = ["http" => 80, "https" => 443];
        $port = empty($parts[3]) ? ($usual[$scheme] ?? 1080) : (int) $parts[3];
        return ["name" => $name, "scheme" => $scheme, "host" => trim($parts[2], "[]"), "port" => $port];
    }
    return null;
}

// One look-up for all targets; two of its addresses are tried.
function proxy_addresses($t, $host) {
    global $proxies;
    if (is_literal($host)) return [$host];
    $until = now() + LOOKUP + 1;
    if (!isset($proxies[$host])) {
        $proxies[$host] = new ArrayObject();
        begin($t, hold($proxies[$host], getaddrinfo($host, $until)));
    }
    $held = $proxies[$host];
    yield wait([], [], $until, function () use ($held) { return isset($held["result"]); });
    preg_match_all("/^addr (.+)$/m", isset($held["result"]) ? $held["result"] : "", $lines);
    return array_slice(in_order($lines[1]), 0, 2);
}

// A CONNECT without credentials, and nothing through the way that it opens.
function tunnel($t, $proxy) {
    $fields = ["err=lookup"];
    foreach ((yield from proxy_addresses($t, $proxy["host"])) as $address) {
        if (is_metadata($address)) {
            $fields = ["err=metadata"];
            continue;
        }
        list($stream, $error) = yield from open($address, $proxy["port"], now() + CONNECT, []);
        $fields = ["err=" . $error];
        if (!$stream) continue;
        $to = authority($t["host"], $t["port"]);
        $result = yield from ask($stream, ["CONNECT " . $to . " HTTP/1.1", "Host: " . $to]);
        return answer($result, ["via"]);
    }
    return $fields;
}

function ask_proxy($t, $proxy) {
    if (!$proxy) return;
    $start = now();
    $fields = $proxy["scheme"] === "http" ? (yield from tunnel($t, $proxy)) : ["err=scheme"];
    emit("proxy", $t["id"], "name=" . $proxy["name"], "host=" . $proxy["host"], "port=" . $proxy["port"], ms($start), ...$fields);
}
`;
