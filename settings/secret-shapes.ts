import { parse as parseYaml } from "yaml";

/** What a secret looks like, told without it. */
export interface SecretShape {
  /** As the end of "is not ...". */
  readonly want: string;
  readonly fits: (value: string) => boolean;
}

export const cloudflareToken: SecretShape = {
  want: "a Cloudflare API token, 40 to 80 characters",
  fits: (token) => /^[0-9A-Za-z\-_]{40,80}$/.test(token),
};

export const hetznerToken: SecretShape = {
  want: "a Hetzner Cloud API token, 64 characters",
  fits: (token) => token.length === 64,
};

export const kubeconfig: SecretShape = {
  want: "the text of a kubeconfig with a current-context",
  fits: isKubeconfig,
};

function isKubeconfig(text: string): boolean {
  try {
    // Its warnings would quote the file.
    const value: unknown = parseYaml(text, { logLevel: "error" });
    if (typeof value !== "object" || value === null) return false;
    const { clusters, contexts, ["current-context"]: current } = value as Record<string, unknown>;
    return Array.isArray(clusters) && Array.isArray(contexts) && typeof current === "string";
  } catch {
    // The parser's own message would show parts of the file, and so of its secrets.
    return false;
  }
}
