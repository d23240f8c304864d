using AgentKit.Kernel.Tools;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A server's tool as a person should see it before approving it.</summary>
/// <param name="Name">The server's name for it.</param>
/// <param name="Change">How it compares with what was approved.</param>
/// <param name="Description">What the model reads of it; <c>null</c> when it is gone.</param>
/// <param name="SideEffect">What the server claims that it does; <c>null</c> when it is gone.</param>
/// <param name="Differs">What differs, in words; <c>null</c> when nothing does.</param>
/// <param name="Before">The definition as it was approved, JSON.</param>
/// <param name="Now">The definition now, JSON.</param>
public sealed record McpReviewedTool(
    string Name, McpToolChange Change, string? Description, SideEffect? SideEffect, string? Differs, string? Before, string? Now);
