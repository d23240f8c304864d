using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Hub;

/// <summary>A repository of a hub, and a file in it if one is named.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="File">Path in the repository, or null.</param>
public sealed record HubReference(string Repository, string? File)
{
    /// <summary>Reads <c>owner/name</c> or <c>owner/name/path/file.gguf</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="UserInputException">It is neither.</exception>
    public static HubReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Trim().Split('/');
        bool isPath = parts.Length >= 2 && parts.All(part => part.Length > 0 && part is not ("." or "..") && part.All(IsAllowed));
        return isPath
            ? new($"{parts[0]}/{parts[1]}", parts.Length > 2 ? string.Join('/', parts[2..]) : null)
            : throw new UserInputException("REPO", $"REPO is '{text}'; owner/name or owner/name/file.gguf is expected.");
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+' or ' ' or '(' or ')' or '[' or ']' or '@' or ',';
}
