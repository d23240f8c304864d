using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn.Files;

namespace AgentKit.Tools.BuiltIn;

/// <summary>Names the entries of a folder, one a line, sorted, folders with a trailing slash; <c>(empty)</c> for none.</summary>
internal sealed class ListFilesTool(RootedFolder folder) : FileTool("list_files", "List the files in a folder.", "path")
{
    private const int MostEntries = 500;

    protected override ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken) =>
        new(Guarded(argument, () => List(argument, cancellationToken)));

    private string List(string path, CancellationToken cancellationToken)
    {
        var real = folder.Resolve(path);
        if (File.Exists(real))
            throw new ToolException($"'{path}' is a file, not a folder; read_file reads it");
        if (!Directory.Exists(real))
            throw new ToolException($"no such folder '{path}'{SimilarFolders(real)}");
        var names = new List<string>();
        foreach (var entry in new DirectoryInfo(real).EnumerateFileSystemInfos())
        {
            cancellationToken.ThrowIfCancellationRequested();
            names.Add(IsFolder(entry) ? entry.Name + "/" : entry.Name);
        }
        if (names.Count == 0)
            return "(empty)";
        names.Sort(StringComparer.Ordinal);
        if (names.Count <= MostEntries)
            return string.Join('\n', names);
        return $"{string.Join('\n', names.Take(MostEntries))}\n[{names.Count - MostEntries} of {names.Count} entries are left out]";
    }

    /// <summary>A link is followed only inside the folder: what lies behind the others is not for the model to know.</summary>
    private bool IsFolder(FileSystemInfo entry) => entry.LinkTarget is null
        ? entry is DirectoryInfo
        : folder.Contains(entry.FullName) && Directory.Exists(entry.FullName);

    private string SimilarFolders(string real)
    {
        var parent = Path.GetDirectoryName(real);
        return Directory.Exists(parent) && folder.Contains(parent)
            ? SimilarNames.Suggest(Path.GetFileName(real), Directory.EnumerateDirectories(parent).Select(d => Path.GetFileName(d)))
            : "";
    }
}
