// The peer as its own documents start it: node server.mjs apollo|yoga PORT

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { Neo4jGraphQL } from "@neo4j/graphql";
import neo4j from "neo4j-driver";

const [face, port] = process.argv.slice(2);
const { NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD } = process.env;
const driver = neo4j.driver(NEO4J_URI, neo4j.auth.basic(NEO4J_USERNAME, NEO4J_PASSWORD), {
  notificationFilter: { minimumSeverityLevel: "OFF" },
});
const typeDefs = readFileSync(new URL("types.graphql", import.meta.url), "utf8");
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();

async function apollo() {
  const { ApolloServer } = await import("@apollo/server");
  const { startStandaloneServer } = await import("@apollo/server/standalone");
  const server = new ApolloServer({ schema });
  await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });
}

async function yoga() {
  const { createYoga } = await import("graphql-yoga");
  const { useGraphQlJit } = await import("@envelop/graphql-jit");
  const answer = createYoga({ schema, plugins: [useGraphQlJit()], logging: "warn" });
  createServer(answer).listen(Number(port), "127.0.0.1");
}

await { apollo, yoga }[face]();
