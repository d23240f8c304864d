using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Reading;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>
/// The files that paths name. Folders are walked in the order of names, without links, hidden entries and the folders that builds make.
/// </summary>
internal sealed class FileList
{
    private static readonly string[] Generated = ["node_modules", "bin", "obj", "__pycache__"];

    private readonly Dictionary<string, int> _skipped = new(StringComparer.OrdinalIgnoreCase);

    private FileList()
    {
    }

    /// <summary>The files, by name.</summary>
    public SortedDictionary<string, FileSource> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What was named, with a separator behind folders: what lies under it and is not in the list any more has gone.</summary>
    public List<string> Roots { get; } = [];

    /// <summary>Folders that could not be looked into. What lies there has not gone.</summary>
    public List<IngestFault> Unreadable { get; } = [];

    public IReadOnlyDictionary<string, int> Skipped => _skipped;

    /// <exception cref="UserInputException">A path does not exist, or names a file of a kind that is not read.</exception>
    public static FileList Of(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var list = new FileList();
        foreach (string given in paths)
        {
            if (string.IsNullOrWhiteSpace(given)) throw new UserInputException("PATH", "PATH is empty; a file or folder is expected.");
            string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
            if (Directory.Exists(path))
            {
                list.Roots.Add(Path.EndsInDirectorySeparator(path) ? path : path + Path.DirectorySeparatorChar);
                list.Walk(new DirectoryInfo(path), cancellationToken);
            }
            else if (File.Exists(path))
            {
                string kind = DocumentReader.KindOf(path) ?? throw new UserInputException(
                    "PATH", $"PATH: {given} ends with '{Path.GetExtension(path)}', which is not read. Kinds that are: {DocumentReader.AllKinds}.");
                list.Roots.Add(path);
                list.Add(new FileInfo(path), kind);
            }
            else
            {
                string mend = given.StartsWith('-') ? "If it is meant as an option: there is none of that name." : "What it left in the index: agentkit index remove PATH.";
                throw new UserInputException("PATH", $"PATH: there is no file or folder {given}. {mend}");
            }
        }

        return list;
    }

    private void Walk(DirectoryInfo root, CancellationToken cancellationToken)
    {
        var pending = new Stack<DirectoryInfo>([root]);
        while (pending.TryPop(out DirectoryInfo? folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
                {
                    if (entry.Name.StartsWith('.') || entry.LinkTarget is not null) continue;
                    if (entry is DirectoryInfo child && !Generated.Contains(child.Name)) pending.Push(child);
                    else if (entry is FileInfo file) Take(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Unreadable.Add(new IngestFault(
                    folder.FullName + Path.DirectorySeparatorChar, $"{e.Message} What is indexed from there stays as it was."));
            }
        }
    }

    private void Take(FileInfo file)
    {
        if (DocumentReader.KindOf(file.Name) is { } kind)
        {
            Add(file, kind);
            return;
        }

        string extension = file.Extension.Length > 0 ? file.Extension.ToLowerInvariant() : "none";
        _skipped[extension] = _skipped.GetValueOrDefault(extension) + 1;
    }

    private void Add(FileInfo file, string kind) =>
        Files[file.FullName] = new FileSource(file.FullName, kind, file.Length, file.LastWriteTimeUtc.Ticks);
}
