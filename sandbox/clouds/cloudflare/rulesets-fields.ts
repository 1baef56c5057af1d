const uri = String.raw`uri(\.path(\.extension)?|\.query|\.args(\.names|\.values)?)?`;

/** Fields that the emulated rules may read, by family; one that Cloudflare has and that is missing here is refused. */
const families = [
  String.raw`http\.(cookie|host|referer|user_agent|x_forwarded_for)`,
  String.raw`http\.request\.(full_uri|method|version|${uri}|cookies|accepted_languages|timestamp\.(sec|msec))`,
  String.raw`http\.(request|response)\.headers(\.names|\.values|\.truncated)?`,
  String.raw`http\.response\.(code|content_type\.media_type)`,
  String.raw`raw\.http\.request\.(full_uri|${uri})`,
  String.raw`ip\.src`,
  String.raw`ip\.(src|geoip)\.(asnum|city|continent|country|lat|lon|metro_code|postal_code|region|region_code)`,
  String.raw`ip\.(src|geoip)\.(is_in_european_union|subdivision_[12]_iso_code|timezone\.name)`,
  String.raw`ssl`,
  String.raw`cf\.(client\.bot|bot_management\.verified_bot|verified_bot_category|threat_score|tls_version|tls_cipher|ray_id|random_seed)`,
  String.raw`cf\.(zone\.(name|plan)|colo\.(name|region)|edge\.(server_ip|server_port|client_port|client_tcp))`,
  String.raw`cf\.tls_client_auth\.cert_(presented|verified|revoked|issuer_dn|subject_dn|serial|fingerprint_sha256)`,
  String.raw`cf\.worker\.upstream_zone`,
];

const known = new RegExp(`^(${families.join("|")})$`);
const truths =
  /^(ssl|cf\.client\.bot|cf\.bot_management\.verified_bot|cf\.edge\.client_tcp|cf\.tls_client_auth\.cert_(presented|verified|revoked)|ip\.(src|geoip)\.is_in_european_union|http\.request\.headers\.truncated|http\.response\.headers\.truncated)$/;

/** Whether there is such a field. */
export const isField = (name: string): boolean => known.test(name);

/** Whether the field is true or false on its own, without a comparison. */
export const isTruth = (field: string): boolean => truths.test(field);

/** Function name -> whether it is true or false on its own. */
export const functions: ReadonlyMap<string, boolean> = new Map([
  ...["all", "any", "ends_with", "has_key", "has_value", "starts_with"].map((name) => [name, true] as const),
  ...[
    "concat",
    "decode_base64",
    "encode_base64",
    "join",
    "len",
    "lower",
    "regex_replace",
    "remove_bytes",
  ].map((name) => [name, false] as const),
  ...["remove_query_args", "split", "substring", "to_string", "upper", "url_decode", "uuidv4"].map(
    (name) => [name, false] as const,
  ),
  ["wildcard_replace", false],
]);
