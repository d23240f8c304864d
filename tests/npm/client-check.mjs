// Runs a published MCP client against a server and prints what it found as one JSON line.
//   node client-check.mjs sdk|client|client-auto http URL
//   node client-check.mjs sdk|client|client-auto stdio COMMAND [ARG…]
const [which, kind, target, ...args] = process.argv.slice(2);
const old = which === 'sdk';
const { Client } = await import(old ? '@modelcontextprotocol/sdk/client/index.js' : '@modelcontextprotocol/client');
const { StreamableHTTPClientTransport } = await import(old ? '@modelcontextprotocol/sdk/client/streamableHttp.js' : '@modelcontextprotocol/client');
const { StdioClientTransport } = await import(old ? '@modelcontextprotocol/sdk/client/stdio.js' : '@modelcontextprotocol/client/stdio');

const options = which === 'client-auto' ? { versionNegotiation: { mode: 'auto' } } : {};
const client = new Client({ name: 'check', version: '1.0.0' }, options);
const transport = kind === 'http' ? new StreamableHTTPClientTransport(new URL(target)) : new StdioClientTransport({ command: target, args });
await client.connect(transport);
const { tools } = await client.listTools();
const call = await client.callTool({ name: 'greet', arguments: { name: 'npm' } });
const wrong = await client.callTool({ name: 'greet', arguments: { name: 5 } });
const { resources } = await client.listResources();
const { contents } = await client.readResource({ uri: 'test://static-text' });
const { prompts } = await client.listPrompts();
console.log(JSON.stringify({
  tools: tools.length, text: call.content[0].text, wrong: wrong.isError === true ? wrong.content[0].text : null,
  resources: resources.length, read: contents[0].text, prompts: prompts.length,
  session: transport.sessionId ?? null,
  version: client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion ?? null,
}));
await client.close();
process.exit(0);
