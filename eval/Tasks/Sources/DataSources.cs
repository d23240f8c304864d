using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Hub;

namespace AgentKit.Eval.Tasks.Sources;

/// <summary>Where the data sets of tasks are published, with size and SHA-256 of every file.</summary>
public static class DataSources
{
    private static readonly Lazy<IReadOnlyList<DataSource>> Declared = new(Read);

    /// <summary>The host that serves files of repositories as <c>{repository}/{revision}/{path}</c>.</summary>
    public static Uri DefaultAddress { get; } = new("https://raw.githubusercontent.com");

    /// <summary>All sources.</summary>
    public static IReadOnlyList<DataSource> All => Declared.Value;

    /// <summary>The sources of a task, each with only the files that the task needs.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="UserInputException">Its data is not published as files that it can read; the message says what to do.</exception>
    public static IReadOnlyList<DataSource> Of(TaskDefinition task)
    {
        ArgumentNullException.ThrowIfNull(task);
        string[] patterns = [.. task.AllFiles];
        string[] missing = [.. patterns.Where(pattern => !All.SelectMany(source => source.Files).Any(file => Fits(file, pattern)))];
        if (missing.Length > 0)
        {
            throw new UserInputException(
                "TASK",
                $"TASK: no source is declared for {string.Join(", ", missing)} of {task.Name}. Put the data below the dataset directory by hand "
                + "(docs/evaluation.md tells its form).");
        }

        return
        [
            .. All.Select(source => source with { Files = [.. source.Files.Where(file => patterns.Any(pattern => Fits(file, pattern)))] })
                .Where(source => source.Files.Count > 0)
        ];
    }

    /// <summary>
    /// Brings a file into the dataset directory. What has come lies beside it until it is whole and its SHA-256 is right; an interrupted download
    /// goes on there.
    /// </summary>
    /// <param name="address">The host, or a mirror of it.</param>
    /// <param name="source">Where the file is published.</param>
    /// <param name="file">The file.</param>
    /// <param name="directory">The dataset directory.</param>
    /// <param name="overwrite">Whether a file of that name with other content is replaced.</param>
    /// <param name="progress">Told of bytes, waits and new beginnings.</param>
    /// <param name="time">The clock to wait by; the system's when null.</param>
    /// <param name="cancellationToken">Stops; what has come is kept for the next time.</param>
    /// <exception cref="UserInputException">There is no such file, or another one of that name is there.</exception>
    /// <exception cref="HubException">It cannot be had, or its content is another one.</exception>
    public static async Task<PulledFile> PullAsync(
        Uri address, DataSource source, DataFile file, string directory, bool overwrite = false, IProgress<HubProgress>? progress = null,
        TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(file);
        HubOptions options = new() { Address = address, Revision = source.Revision, FilePath = "{repository}/{revision}/{path}" };
        using var hub = new ModelHub(options, time);
        string target = Path.Combine(directory, file.File);
        HubFile wanted = new(file.Path, file.Bytes, file.Sha256) { Name = Path.GetFileName(target) };
        try
        {
            return await hub.PullAsync(source.Repository, wanted, Path.GetDirectoryName(target)!, overwrite, progress, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (UserInputException e) when (e.Field == "REPO")
        {
            // The hub speaks of models; here a task was named.
            throw new UserInputException("TASK", e.Message.Replace("REPO:", "TASK:", StringComparison.Ordinal), e);
        }
    }

    /// <summary>Whether a file is one of those that a task names, packed or not.</summary>
    internal static bool Fits(DataFile file, string pattern) => Regex.IsMatch(
        file.File, $@"^{Regex.Escape(pattern).Replace("\\*", "[^/]*", StringComparison.Ordinal)}(\.gz|\.bz2)?$", RegexOptions.CultureInvariant);

    private static DataSource[] Read()
    {
        using Stream stream = typeof(DataSources).Assembly.GetManifestResourceStream("sources.json")!;
        return JsonSerializer.Deserialize<DataSource[]>(stream, EvalJson.Compact)!;
    }
}
