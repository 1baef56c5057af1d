import * as fs from "node:fs";
import * as path from "node:path";

import { recordsHistory } from "../history";

/** The audit log of the API server by {@link policy}; one JSON object per line. */
export const auditLog = (home: string): string => path.join(home, "audit.jsonl");

const writes = ["create", "update", "patch", "delete"];

/**
 * Records writes of the objects that decide which clients the ingress accepts. With the zone log of the
 * clouds it shows whether the edge was ever refused. Nothing in it is secret: a CA's certificate is public.
 */
const policy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  omitManagedFields: true,
  rules: [
    {
      level: "RequestResponse",
      verbs: writes,
      resources: [{ group: "traefik.io", resources: ["tlsoptions"] }],
    },
    {
      level: "RequestResponse",
      verbs: writes,
      resources: [{ group: "", resources: ["secrets"], resourceNames: ["origin-lock-ca"] }],
    },
    { level: "None" },
  ],
};

/** The API server's arguments for the audit log; none without {@link recordsHistory}. Writes the policy file. */
export function auditArgs(home: string): readonly string[] {
  if (!recordsHistory()) return [];
  const file = path.join(home, "audit-policy.json");
  fs.mkdirSync(home, { recursive: true });
  fs.writeFileSync(file, JSON.stringify(policy), { mode: 0o600 });
  return [
    `--audit-policy-file=${file}`,
    `--audit-log-path=${auditLog(home)}`,
    "--audit-log-maxsize=10", // megabytes
    "--audit-log-maxbackup=1",
  ];
}
