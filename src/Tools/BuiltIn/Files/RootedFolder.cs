using AgentKit.Kernel.Errors;

namespace AgentKit.Tools.BuiltIn.Files;

/// <summary>
/// A folder that paths cannot leave. A path is normalised as text, then every segment is followed through symbolic links, and what comes
/// out must still lie inside the folder's own real path. Messages repeat the path as it was asked for and name nothing outside the folder.
/// </summary>
internal sealed class RootedFolder
{
    private const int MostLinks = 40;

    private static readonly StringComparison Comparison =
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private readonly string _root;
    private readonly string _realRoot;

    /// <summary>Takes an existing folder.</summary>
    /// <exception cref="UserInputException">There is no such folder.</exception>
    public RootedFolder(string root)
    {
        if (string.IsNullOrEmpty(root) || root.Contains('\0') || !Directory.Exists(root))
            throw new UserInputException("--root", $"--root must be an existing folder, found '{root.Replace("\0", "\\0")}'");
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _realRoot = FollowLinks(_root) ?? throw new UserInputException("--root", $"--root '{root}' goes in circles through links");
    }

    /// <summary>The folder's real path.</summary>
    public string RealPath => _realRoot;

    /// <summary>The real path of what <paramref name="path"/> names; it need not exist.</summary>
    /// <param name="path">Relative to the folder, or absolute and inside it.</param>
    /// <exception cref="ToolException">The path is malformed or leads outside.</exception>
    public string Resolve(string path)
    {
        if (path.Length == 0)
            throw new ToolException("the path is empty, use '.' for the folder itself");
        if (path.Contains('\0'))
            throw new ToolException("the path contains a NUL character");
        var full = Path.GetFullPath(path, _root);
        var relative = RelativeTo(_root, full) ?? RelativeTo(_realRoot, full) ?? throw Outside(path);
        var real = FollowLinks(Path.Combine(_realRoot, relative)) ?? throw new ToolException($"'{path}' goes in circles through links");
        return RelativeTo(_realRoot, real) is null ? throw Outside(path) : real;
    }

    /// <summary>Whether an entry found inside the folder is still inside after its links are followed.</summary>
    public bool Contains(string entry) => FollowLinks(entry) is { } real && RelativeTo(_realRoot, real) is not null;

    /// <summary>A real path as the model should see it: relative, with forward slashes, <c>.</c> for the folder itself.</summary>
    public string Display(string realPath)
    {
        var relative = Path.GetRelativePath(_realRoot, realPath);
        return Path.DirectorySeparatorChar == '/' ? relative : relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    /// <summary>The part of <paramref name="path"/> below <paramref name="folder"/>; <c>null</c> when it is not below it.</summary>
    private static string? RelativeTo(string folder, string path)
    {
        var trimmed = Path.TrimEndingDirectorySeparator(path);
        if (trimmed.Equals(folder, Comparison))
            return "";
        // The separator is part of the comparison: /data-old does not lie in /data.
        var prefix = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        return trimmed.StartsWith(prefix, Comparison) ? trimmed[prefix.Length..] : null;
    }

    /// <summary>Follows every link on the way, as the system would; <c>null</c> when there are too many.</summary>
    private static string? FollowLinks(string path)
    {
        var current = Path.GetPathRoot(path)!;
        var pending = new Stack<string>();
        Push(pending, path[current.Length..]);
        var links = 0;
        while (pending.TryPop(out var segment))
        {
            if (segment == ".")
                continue;
            if (segment == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }
            var next = Path.Combine(current, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }
            if (++links > MostLinks)
                return null;
            if (Path.IsPathRooted(target))
            {
                current = Path.GetPathRoot(target)!;
                target = target[current.Length..];
            }
            Push(pending, target);
        }
        return current;
    }

    private static void Push(Stack<string> pending, string path)
    {
        char[] separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];
        foreach (var segment in path.Split(separators, StringSplitOptions.RemoveEmptyEntries).Reverse())
            pending.Push(segment);
    }

    private static ToolException Outside(string path) => new($"'{path}' is outside the folder the tools may read");
}
