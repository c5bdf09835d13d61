curl -X POST https://aifw.local/api/v1/vpn/ipsec \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "office-to-dc",
    "src_addr": "203.0.113.1",
    "dst_addr": "198.51.100.1",
    "protocol": "esp",
    "mode": "tunnel"
  }'
