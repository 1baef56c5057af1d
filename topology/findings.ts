import { z } from "zod";

import { UserError } from "../stack/read-stack";
import type { Finding, Topology } from "./topology";

const finding = z.object({ code: z.string(), object: z.string(), problem: z.string(), fix: z.string() });
const diagnosis = z.object({ stack: z.string(), causes: z.array(finding) });

/** Reads the result of `npm run doctor -- --json`. @throws {UserError} It is not that, or is about another stack. */
export function parseFindings(text: string, stack: string): Finding[] {
  const { data } = diagnosis.safeParse(parseJson(text));
  if (data === undefined)
    throw new UserError("--doctor: got another document, want the output of npm run doctor -- --json");
  if (data.stack !== stack)
    throw new UserError(
      `--doctor: got findings of the stack ${data.stack}, want those of ${stack}: npm run doctor -- --stack ${stack} --json`,
    );
  return data.causes;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Adds each finding to the nodes that its object is part of. A finding about anything else is in no node. */
export function addFindings(topology: Topology, findings: readonly Finding[]): Topology {
  const patterns = topology.nodes.flatMap(({ id, objects }) => objects.map((pattern) => ({ id, pattern })));
  const owners = new Map(
    findings.map((each) => {
      const matching = patterns.filter(({ pattern }) => matchesPattern(pattern, each.object));
      // The most exact one: `Service apps/web-admin` is not of the app web, whose pods are `* apps/web-*`.
      const length = Math.max(...matching.map(({ pattern }) => pattern.length));
      return [each, matching.filter(({ pattern }) => pattern.length === length).map(({ id }) => id)];
    }),
  );
  const nodes = topology.nodes.map((node) => ({
    ...node,
    findings: findings.filter((each) => owners.get(each)?.includes(node.id)),
  }));
  return { ...topology, nodes };
}

const matchesPattern = (pattern: string, object: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(object);
