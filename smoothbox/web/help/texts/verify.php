function verify(string $secret, string $body, array $headers): bool {
    $signed = "{$headers['webhook-id']}.{$headers['webhook-timestamp']}.$body";
    $key = base64_decode(substr($secret, strlen("whsec_")));
    $expected = "v1," . base64_encode(hash_hmac("sha256", $signed, $key, true));
    $isRecent = abs(time() - (int) $headers["webhook-timestamp"]) < 300;
    $matches = array_filter(explode(" ", $headers["webhook-signature"]), fn($each) => hash_equals($expected, $each));
    return $isRecent && count($matches) > 0;
}
