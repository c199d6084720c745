<?php
// Fetches one export with the library that the first argument names, and logs as services do what came of it.
[, $library, $url, $timeout] = $argv;
$seconds = $timeout === 'none' ? 0 : (int) $timeout;

function fetch_curl(string $url, int $seconds): void
{
    $handle = curl_init($url);
    curl_setopt_array($handle, [CURLOPT_RETURNTRANSFER => true, CURLOPT_FOLLOWLOCATION => true, CURLOPT_FAILONERROR => true,
        CURLOPT_CONNECTTIMEOUT => $seconds, CURLOPT_TIMEOUT => $seconds > 0 ? $seconds + 1 : 0]);
    if (curl_exec($handle) === false) {
        error_log(sprintf('export failed: cURL error %d: %s', curl_errno($handle), curl_error($handle)));
    }
}

function fetch_streams(string $url, int $seconds): void
{
    file_get_contents($url, false, stream_context_create(['http' => ['timeout' => $seconds ?: 60]]));
}

function fetch_guzzle(string $url, int $seconds): void
{
    require '/usr/share/php/GuzzleHttp/autoload.php';
    $proxy = getenv('HTTPS_PROXY');
    $options = ['connect_timeout' => $seconds, 'timeout' => $seconds > 0 ? $seconds + 1 : 0];
    (new GuzzleHttp\Client())->get($url, $proxy ? $options + ['proxy' => $proxy] : $options);
}

('fetch_' . $library)($url, $seconds);
