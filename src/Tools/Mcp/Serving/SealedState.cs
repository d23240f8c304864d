using System.Text.Json;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>What is signed.</summary>
/// <param name="Owner">User, method, target and arguments of the request it belongs to.</param>
/// <param name="Expires">Unix time in seconds.</param>
/// <param name="Nonce">Tells it from all others.</param>
/// <param name="Data">What the tool wanted to remember.</param>
internal sealed record SealedState(string Owner, long Expires, string Nonce, JsonElement? Data);
