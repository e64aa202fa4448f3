// Writes TypeScript types from every schema, and a program that holds the samples against them.
// node types.mjs <schemas> <samples> <directory to write to>
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "json-schema-to-typescript";
import openapiTS, { astToString } from "openapi-typescript";

const [schemas, samples, out] = process.argv.slice(2);
const lines = ['import type { components } from "./openapi";'];
for (const file of readdirSync(join(schemas, "commands"))) {
  const schema = JSON.parse(readFileSync(join(schemas, "commands", file), "utf8"));
  const name = schema.title;
  writeFileSync(join(out, name + ".ts"), await compile(schema, name));
  const reply = JSON.parse(readFileSync(join(schemas, "replies", file), "utf8"));
  writeFileSync(join(out, reply.title + ".ts"), await compile(reply, reply.title));

  const sample = readFileSync(join(samples, file), "utf8").trim();
  const { [schema.required?.[0]]: _, ...rest } = JSON.parse(sample);
  lines.push(
    `import type { ${name} } from "./${name}";`,
    `import type { ${reply.title} } from "./${reply.title}";`,
    `export const a${name}: ${name} = ${sample};`,
    `export const b${name}: components["schemas"]["${name}"] = ${sample};`,
    `export const c${name}: ${reply.title} = { ActionStatus: "OK", ErrorCode: 0, ErrorInfo: ""${reply.properties.ResultItem ? ", ResultItem: []" : ""} };`,
    "// @ts-expect-error a required member is missing in the reply",
    `export const d${name}: ${reply.title} = { ActionStatus: "OK", ErrorCode: 0 };`,
  );
  if (schema.required) {
    lines.push("// @ts-expect-error a required member is missing", `export const e${name}: ${name} = ${JSON.stringify(rest)};`);
  }
}
writeFileSync(join(out, "openapi.ts"), astToString(await openapiTS(pathToFileURL(join(schemas, "openapi.json")))));
writeFileSync(join(out, "samples.ts"), lines.join("\n") + "\n");
