<?php
// PHP's json_decode and parse_str, and what its own server makes of a whole request: $_GET, $_POST, $_REQUEST and php://input.

function text($value) {
    if ($value === null) return null;
    if (is_string($value)) return $value;
    if (is_bool($value)) return $value ? 'true' : 'false';
    if (is_int($value)) return (string) $value;
    if (is_float($value)) return $value == floor($value) && abs($value) < 1e300 ? sprintf('%.0F', $value) : var_export($value, true);
    return '<' . gettype($value) . '>';
}

function pick($mapping, $fields) {
    if (!is_array($mapping) && !is_object($mapping)) return null;
    $found = [];
    foreach ($fields as $field) {
        $value = is_array($mapping) ? ($mapping[$field] ?? null) : ($mapping->$field ?? null);
        $value = text($value);
        if ($value !== null) $found[$field] = $value;
    }
    return (object) $found;
}

const ENCODING = JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES;

if (PHP_SAPI === 'cli-server') {
    $fields = json_decode(getenv('INTEROP_FIELDS'));
    $type = $_SERVER['CONTENT_TYPE'] ?? $_SERVER['HTTP_CONTENT_TYPE'] ?? '';
    parse_str($_SERVER['QUERY_STRING'] ?? '', $query);
    echo json_encode([
        '$_GET' => pick($_GET, $fields), '$_POST' => pick($_POST, $fields), '$_REQUEST' => pick($_REQUEST, $fields),
        'php://input' => stripos($type, 'json') === false ? null : pick(json_decode(file_get_contents('php://input'), true), $fields),
        'parse_str of QUERY_STRING' => pick($query, $fields),
    ], ENCODING);
    return;
}

$kinds = [
    'json_decode, array' => 'body', 'json_decode, object' => 'body', 'json_decode, big numbers as text' => 'body', 'parse_str' => 'query', 'parse_url' => 'query',
    '$_GET' => 'params', '$_POST' => 'form', '$_REQUEST' => 'params', 'php://input' => 'json', 'parse_str of QUERY_STRING' => 'params',
];
$fields = json_decode(fgets(STDIN));
putenv('INTEROP_FIELDS=' . json_encode($fields));
$probe = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
fclose($probe);
$nothing = ['file', '/dev/null', 'w'];
$server = proc_open([PHP_BINARY, '-d', 'display_errors=0', '-S', "127.0.0.1:$port", __FILE__], [['file', '/dev/null', 'r'], $nothing, $nothing], $pipes);
register_shutdown_function(function () use ($server) { proc_terminate($server); });
for ($tries = 0; $tries < 200 && !@fsockopen('127.0.0.1', $port); $tries++) usleep(20000);
echo json_encode($kinds), "\n";
flush();

function ask($port, $target, $type, $body) {
    $socket = @fsockopen('127.0.0.1', $port);
    if (!$socket) return [];
    $mime = $type === null ? '' : "Content-Type: $type\r\n";
    fwrite($socket, "POST $target HTTP/1.1\r\nHost: chat.example\r\n{$mime}Connection: close\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
    $answer = stream_get_contents($socket);
    fclose($socket);
    if (strncmp($answer, 'HTTP/1.1 200', 12) !== 0) return [];
    return json_decode(substr($answer, strpos($answer, "\r\n\r\n") + 4), true) ?? [];
}

$output = '';
while (($line = fgets(STDIN)) !== false) {
    if ($line === "\n") {
        echo $output;
        flush();
        $output = '';
        continue;
    }
    $request = json_decode($line);
    $target = base64_decode($request->t);
    $body = base64_decode($request->b);
    $told = [];
    if (strpos($request->ask, 'b') !== false) {
        $told['json_decode, array'] = pick(json_decode($body, true), $fields);
        $told['json_decode, object'] = pick(json_decode($body), $fields);
        $told['json_decode, big numbers as text'] = pick(json_decode($body, true, 512, JSON_BIGINT_AS_STRING), $fields);
    }
    if (strpos($request->ask, 'q') !== false) {
        parse_str(explode('?', $target, 2)[1] ?? '', $query);
        $told['parse_str'] = pick($query, $fields);
        $parts = parse_url($target);
        $query = null;
        if (is_array($parts)) parse_str($parts['query'] ?? '', $query);
        $told['parse_url'] = pick($query, $fields);
    }
    if (strpos($request->ask, 'r') !== false) {
        $answers = ask($port, $target, $request->c === null ? null : base64_decode($request->c), $body);
        foreach (['$_GET', '$_POST', '$_REQUEST', 'php://input', 'parse_str of QUERY_STRING'] as $name) {
            $told[$name] = isset($answers[$name]) ? (object) $answers[$name] : null;
        }
    }
    $output .= json_encode((object) $told, ENCODING) . "\n";
}
