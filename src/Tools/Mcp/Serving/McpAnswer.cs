using System.Text.Json;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>What the person at the client answered to a question of a tool.</summary>
/// <param name="Accepted">Whether the form was sent off; otherwise it was declined or closed.</param>
/// <param name="Content">The form's fields; an empty object when there are none.</param>
public sealed record McpAnswer(bool Accepted, JsonElement Content);
