using System.Collections.Frozen;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn.Files;

namespace AgentKit.Tools.BuiltIn;

/// <summary>
/// Finds files whose text contains the query, in any letter case: one line a file, <c>path:line: text</c> with the first line that matches.
/// Links and the folders .git, node_modules, bin and obj are not entered; what could not be searched is counted in the last line.
/// </summary>
internal sealed class SearchFilesTool(RootedFolder folder, int mostResults)
    : FileTool("search_files", "Find files that contain a text.", "query")
{
    private const int LargestFile = 2 * 1024 * 1024;
    private const int MostFiles = 20_000;
    private const int LongestLine = 160;

    private static readonly FrozenSet<string> Ignored =
        new[] { ".git", "node_modules", "bin", "obj" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    protected override ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(argument))
            throw new ToolException("the query is empty");
        return new(Search(argument, cancellationToken));
    }

    private string Search(string query, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var lines = new List<string>();
        foreach (var file in Files(folder.RealPath, tally, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (tally.Searched++ == MostFiles)
            {
                tally.Notices.Add($"the search stopped after {MostFiles} files");
                break;
            }
            if (FirstMatch(file, query, tally) is not { } match)
                continue;
            if (lines.Count == mostResults)
            {
                tally.Notices.Add($"more files match, the first {mostResults} are shown");
                break;
            }
            lines.Add(match);
        }
        var found = lines.Count == 0 ? "No matches." : string.Join('\n', lines);
        var notices = tally.Describe();
        return notices.Length == 0 ? found : $"{found}\n[{notices}]";
    }

    /// <summary>All files below a folder, each folder in name order, so that the same folder gives the same result.</summary>
    private static IEnumerable<FileInfo> Files(string root, Tally tally, CancellationToken cancellationToken)
    {
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (pending.TryPop(out var current))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = Entries(current, tally);
            foreach (var file in entries.OfType<FileInfo>())
                yield return file;
            foreach (var child in entries.OfType<DirectoryInfo>().Reverse().Where(child => !Ignored.Contains(child.Name)))
                pending.Push(child);
        }
    }

    private static List<FileSystemInfo> Entries(DirectoryInfo directory, Tally tally)
    {
        try
        {
            return [.. directory.EnumerateFileSystemInfos().Where(e => e.LinkTarget is null).OrderBy(e => e.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tally.Unreadable++;
            return [];
        }
    }

    private string? FirstMatch(FileInfo file, string query, Tally tally)
    {
        try
        {
            if (file.Length > LargestFile)
            {
                tally.TooLarge++;
                return null;
            }
            if (TextFile.Read(file.FullName, LargestFile).Text is not { } text)
            {
                tally.Binary++;
                return null;
            }
            var at = text.IndexOf(query, StringComparison.OrdinalIgnoreCase);
            return at < 0 ? null : $"{folder.Display(file.FullName)}:{text.AsSpan(0, at).Count('\n') + 1}: {LineAround(text, at)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tally.Unreadable++;
            return null;
        }
    }

    /// <summary>The line that contains <paramref name="at"/>; a long one is cut around the match, with ellipses where it is cut.</summary>
    private static string LineAround(string text, int at)
    {
        var start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        var end = text.IndexOf('\n', at);
        var line = text.AsSpan(start, (end < 0 ? text.Length : end) - start);
        if (line.Length <= LongestLine)
            return line.Trim().ToString();
        var from = Math.Clamp(at - start - LongestLine / 4, 0, line.Length - LongestLine);
        var to = from + LongestLine;
        if (from > 0 && char.IsLowSurrogate(line[from]))
            from++;
        if (to < line.Length && char.IsLowSurrogate(line[to]))
            to--;
        return new StringBuilder(from > 0 ? "…" : "").Append(line[from..to].Trim()).Append(to < line.Length ? "…" : "").ToString();
    }

    /// <summary>What a search has passed over.</summary>
    private sealed class Tally
    {
        public int Searched { get; set; }

        public int Binary { get; set; }

        public int TooLarge { get; set; }

        public int Unreadable { get; set; }

        public List<string> Notices { get; } = [];

        public string Describe()
        {
            var skipped = new (int Count, string What)[]
            {
                (Binary, "binary"), (TooLarge, $"over {LargestFile / 1024 / 1024} MiB"), (Unreadable, "unreadable"),
            };
            var parts = skipped.Where(part => part.Count > 0).Select(part => $"{part.Count} {part.What}").ToList();
            return string.Join("; ", parts.Count == 0 ? Notices : [.. Notices, $"not searched: {string.Join(", ", parts)}"]);
        }
    }
}
