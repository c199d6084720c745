/** The part of `programs/php.ts` that connects to every address; no application data is sent here. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const PHP_CONNECT = String.raw`const METADATA = "${METADATA_V4} ${METADATA_V6}";

// Every IPv6 address that ends in an IPv4 one of them counts as well (mapped, NAT64).
function is_metadata($address) {
    $packed = inet_pton(explode("%", $address)[0]);
    foreach (array_map("inet_pton", explode(" ", METADATA)) as $one)
        if (in_array(strlen($packed), [strlen($one), 16], true) && substr($packed, -strlen($one)) === $one) return true;
    return false;
}

function errno_name($errno) {
    return ERRNO[(int) $errno] ?? "E" . (int) $errno;
}

// Gives the stream, or nothing and the error's name.
function open($address, $port, $until, $options) {
    $to = "tcp://" . bracketed($address) . ":" . $port;
    $context = stream_context_create(["ssl" => $options]);
    $stream = stream_socket_client($to, $errno, $text, CONNECT, STREAM_CLIENT_CONNECT | STREAM_CLIENT_ASYNC_CONNECT, $context);
    if (!$stream) return [null, errno_name($errno)];
    stream_set_blocking($stream, false);
    stream_set_read_buffer($stream, 0);
    if (!(yield wait([], [$stream], $until))) return [null, "ETIMEDOUT"];
    if (stream_socket_get_name($stream, true) !== false) return [$stream, ""];
    return [null, connect_error($stream, $to)];
}

// Why it does not stand; before 7.4 only a connection that PHP waits for says so.
function connect_error($stream, $to) {
    if (function_exists("socket_import_stream")) {
        $errno = socket_get_option(socket_import_stream($stream), SOL_SOCKET, SO_ERROR);
        return errno_name($errno);
    }
    $error = read_some($stream)[1];
    if ($error !== "") return $error;
    stream_socket_client($to, $errno, $text, 1);
    return errno_name($errno);
}

// Each by itself; the first that stands goes on to TLS and HTTP, the others are closed.
function connect_all($t, $addresses) {
    $taken = new ArrayObject();
    foreach ($addresses as $address) begin($t, connect_to($t, $address, $taken));
}

function connect_to($t, $address, $taken) {
    $start = now();
    $addr = "addr=" . $address;
    emit("trying", $t["id"], $addr);
    if (is_metadata($address)) return emit("connect", $t["id"], $addr, "err=metadata");
    $options = $t["tls"] && extension_loaded("openssl") ? tls_options($t["host"]) : [];
    list($stream, $error) = yield from open($address, $t["port"], $start + CONNECT, $options);
    emit("connect", $t["id"], $addr, ms($start), $stream ? "ok=1" : "err=" . $error);
    if (!$stream || count($taken)) return;
    $taken[] = $address;
    $trusted = !$t["tls"] || (extension_loaded("openssl") && (yield from check_tls($t, $address, $stream)));
    if ($trusted && $t["path"] !== "-") yield from head($t, $address, $stream);
}
`;
