/** The part of `programs/php.ts` that shakes hands by TLS; no application data is sent here. */
export const PHP_TLS = String.raw`// Where OpenSSL looks, or php.ini says that it shall.
function has_trust_store() {
    $places = openssl_get_cert_locations();
    $file = getenv("SSL_CERT_FILE") ?: ($places["ini_cafile"] ?: $places["default_cert_file"]);
    $folder = getenv("SSL_CERT_DIR") ?: ($places["ini_capath"] ?: $places["default_cert_dir"]);
    return is_readable($file) || count(scandir($folder) ?: []) > 2;
}

function tls_options($host, $verify = true) {
    return ["peer_name" => $host, "SNI_enabled" => !is_literal($host), "verify_peer" => $verify, "verify_peer_name" => $verify,
        "capture_peer_cert" => true];
}

function tls_methods() {
    $methods = STREAM_CRYPTO_METHOD_TLSv1_0_CLIENT | STREAM_CRYPTO_METHOD_TLSv1_1_CLIENT | STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT;
    return defined("STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT") ? $methods | STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT : $methods;
}

function peeked($stream) {
    return strlen((string) stream_socket_recvfrom($stream, 65536, STREAM_PEEK));
}

// Gives true, or false and what PHP says, or null when the time is over; and the bytes that came meanwhile.
function handshake($stream, $until) {
    $got = 0;
    while (true) {
        problems();
        $before = peeked($stream);
        $done = stream_socket_enable_crypto($stream, true, tls_methods());
        $got += $done === false ? $before : max(0, $before - peeked($stream));
        if ($done !== 0) return [$done, problems(), $got];
        if (!(yield wait([$stream], [], $until))) return [null, "", $got];
    }
}

function certificate($stream) {
    $ssl = stream_context_get_options($stream)["ssl"];
    return isset($ssl["peer_certificate"]) ? $ssl["peer_certificate"] : null;
}

function session($stream) {
    $meta = stream_get_meta_data($stream);
    $fields = ["version=" . (isset($meta["crypto"]["protocol"]) ? $meta["crypto"]["protocol"] : "")];
    $certificate = certificate($stream);
    if (!$certificate || !openssl_x509_export($certificate, $pem)) return $fields;
    $der = base64_decode(preg_replace("/-----[^-]+-----/", "", $pem));
    return array_merge($fields, ["cert=" . bin2hex(substr($der, 0, 6000))]);
}

function verdict($text, $certificate) {
    if (preg_match("/did not match expected|Unable to locate peer certificate CN|could not be matched/i", $text)) return "verify=wrong_name";
    $dates = $certificate ? openssl_x509_parse($certificate) : null;
    $outside = $dates && ($dates["validTo_time_t"] < time() || $dates["validFrom_time_t"] > time());
    return $outside ? "verify=expired" : "verify=untrusted";
}

function tls_failure($text, $got) {
    $said = "text=" . trim(preg_replace("/stream_socket_enable_crypto\(\):?|SSL operation failed with code \d+\.?|OpenSSL Error messages:/", "", $text));
    if (strpos($text, "Connection reset") !== false) return ["err=ECONNRESET", $said, "got=" . $got];
    if (strpos($text, "Broken pipe") !== false) return ["err=EPIPE", $said, "got=" . $got];
    if (preg_match("/alert|wrong version|unsupported protocol|:error:|error:[0-9A-F]{8}:(?!.*unexpected eof)/", $text)) return ["err=tls", $said, "got=" . $got];
    return ["err=closed", $said, "got=" . $got];
}

function is_verification($text) {
    return preg_match("/certificate verify failed|did not match expected|Unable to locate peer certificate|could not be matched/i", $text);
}

// After a failed verification: who is it that answers? A second handshake that verifies nothing and sends nothing.
function unverified($t, $address) {
    $until = now() + CONNECT;
    list($stream) = yield from open($address, $t["port"], $until, tls_options($t["host"], false));
    if (!$stream) return null;
    list($done) = yield from handshake($stream, $until);
    return $done ? $stream : null;
}

// Gives the fields of the outcome, of which the first says it.
function outcome($t, $address, $stream, $until) {
    list($done, $text, $got) = yield from handshake($stream, $until);
    if ($done === null) return ["err=timeout", "got=" . $got];
    if ($done) return array_merge(["ok=1"], session($stream));
    if (!is_verification($text)) return tls_failure($text, $got);
    fclose($stream);
    $other = yield from unverified($t, $address);
    $fields = [verdict($text, $other ? certificate($other) : null), "text=" . $text];
    return $other ? array_merge($fields, session($other)) : $fields;
}

function check_tls($t, $address, $stream) {
    $start = now();
    $fields = yield from outcome($t, $address, $stream, $start + CONNECT);
    emit("tls", $t["id"], "addr=" . $address, ms($start), ...$fields);
    if ($fields[0] === "err=timeout" && function_exists("socket_export_stream")) yield from check_segment($t, $address);
    return $fields[0] === "ok=1";
}

// TCP_MAXSEG (2) before the connection makes the far side send small segments: only then an answer comes where large ones are lost.
function open_small($t, $address, $until) {
    $socket = socket_create(strpos($address, ":") === false ? AF_INET : AF_INET6, SOCK_STREAM, SOL_TCP);
    if (!$socket || !socket_set_option($socket, SOL_TCP, 2, 536)) return null;
    socket_set_nonblock($socket);
    socket_connect($socket, $address, $t["port"]);
    $stream = socket_export_stream($socket);
    stream_set_blocking($stream, false);
    foreach (tls_options($t["host"]) as $name => $value) stream_context_set_option($stream, "ssl", $name, $value);
    if (!(yield wait([], [$stream], $until)) || stream_socket_get_name($stream, true) === false) return null;
    return $stream;
}

function check_segment($t, $address) {
    $until = now() + CONNECT;
    $stream = yield from open_small($t, $address, $until);
    if (!$stream) return;
    $fields = yield from outcome($t, $address, $stream, $until);
    emit("segment", $t["id"], "addr=" . $address, "mss=536", $fields[0]);
}
`;
