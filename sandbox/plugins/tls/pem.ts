/** Encodes as PEM: lines of 64 characters, and a line feed at the end. */
export function pem(label: string, der: ArrayBuffer | Buffer): string {
  const lines =
    Buffer.from(new Uint8Array(der))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/**
 * The first PEM block of a text.
 *
 * @param input names the text in the error; the text itself may be secret and is not told.
 * @throws no block, or one with a label that is not among `labels`.
 */
export function blockOf(
  text: unknown,
  labels: readonly string[],
  input: string,
): { label: string; der: Buffer } {
  const want = `want PEM that begins with ${labels.map((label) => `-----BEGIN ${label}-----`).join(" or ")}`;
  const [, label, body] =
    /-----BEGIN ([^-\r\n]+)-----\r?\n([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(String(text)) ?? [];
  if (label === undefined || body === undefined) throw new Error(`${input} holds no PEM, ${want}`);
  if (!labels.includes(label)) throw new Error(`${input} holds a ${label}, ${want}`);
  return { label, der: Buffer.from(body, "base64") };
}
