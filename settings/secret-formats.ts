import { parse as parseYaml } from "yaml";
import { z } from "zod";

/** The format of a secret. */
export interface SecretFormat {
  /** The end of "is not ..." in an error message, which does not contain the secret. */
  readonly description: string;
  readonly isValid: (value: string) => boolean;
}

export const cloudflareToken: SecretFormat = {
  description: "a Cloudflare API token, 40 to 80 characters",
  isValid: (token) => /^[0-9A-Za-z\-_]{40,80}$/.test(token),
};

export const hetznerToken: SecretFormat = {
  description: "a Hetzner Cloud API token, 64 characters",
  isValid: (token) => token.length === 64,
};

export const dockerConfig: SecretFormat = {
  description: "the text of Docker's config.json, with the credentials of registries in auths",
  isValid: (text) => {
    try {
      return z.object({ auths: z.record(z.string(), z.object({})) }).safeParse(JSON.parse(text)).success;
    } catch {
      // The parser's own message would show parts of the text.
      return false;
    }
  },
};

export const kubeconfig: SecretFormat = {
  description: "the text of a kubeconfig with a current-context",
  isValid: isKubeconfig,
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
