<?php
// PHP without a framework. It answers with what it understood, and with the gate's headers.
$type = $_SERVER['CONTENT_TYPE'] ?? '';
header('Content-Type: application/json');
echo json_encode([
    'headers' => ['GroupId' => $_SERVER['HTTP_X_CHAT_GROUP_ID'] ?? null, 'Operator_Account' => $_SERVER['HTTP_X_CHAT_OPERATOR'] ?? null, 'SdkAppid' => $_SERVER['HTTP_X_CHAT_APP'] ?? null],
    'json' => json_decode(file_get_contents('php://input'), true),
    'form' => (object) $_POST,
    'query' => (object) $_GET,
], JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
