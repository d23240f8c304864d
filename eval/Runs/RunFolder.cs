using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Runs;

/// <summary>
/// A run on disk: <c>run.json</c> says what it is, <c>TASK.samples.jsonl</c> gets a line for each sample as soon as it is graded,
/// <c>results.json</c> appears when all is done. One process at a time works in a folder.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string ManifestName = "run.json";
    private const string JudgeName = "judge.json";
    private const string ResultsName = "results.json";

    private readonly FileStream _lock;

    private RunFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Begins a run, or goes on with one.</summary>
    /// <param name="path">The folder; created if need be.</param>
    /// <param name="manifest">What the run is.</param>
    /// <param name="resume">Whether it may hold a run already, which must be the same one.</param>
    /// <exception cref="UserInputException">
    /// It holds another run, or one and <paramref name="resume"/> is false, or another process works there.
    /// </exception>
    public static RunFolder Open(string path, RunManifest manifest, bool resume)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(manifest);
        RunFolder folder = new(path, Hold(path));
        try
        {
            if (!File.Exists(folder.PathOf(ManifestName))) folder.Write(ManifestName, manifest);
            else if (!resume) throw new UserInputException(
                "--out", $"--out: {path} holds a run already; --resume goes on with it, another folder begins a new one.");
            else Check(path, Read<RunManifest>(folder.PathOf(ManifestName)), manifest);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A run that has come to its end.</summary>
    /// <param name="path">Its folder.</param>
    /// <exception cref="UserInputException">There is none, or it is not finished.</exception>
    public static (RunManifest Manifest, EvalResult Result) Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string manifest = System.IO.Path.Combine(path, ManifestName), results = System.IO.Path.Combine(path, ResultsName);
        if (!File.Exists(manifest)) throw new UserInputException(path, $"{path} holds no run: there is no {ManifestName}.");
        if (!File.Exists(results)) throw new UserInputException(
            path, $"The run in {path} is not finished: 'agentkit eval run … --out {path} --resume' goes on with it.");
        return (Read<RunManifest>(manifest), Read<EvalResult>(results));
    }

    /// <summary>The samples of a task, in the order of the task.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="task">The task's name.</param>
    public static IReadOnlyList<SampleRecord> LoadSamples(string path, string task)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(task);
        return SampleLog.Read(System.IO.Path.Combine(path, SampleLog.NameOf(task)));
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    internal string PathOf(string name) => System.IO.Path.Combine(Path, name);

    internal void WriteResults(EvalResult result) => Write(ResultsName, result);

    /// <summary>How the judge did when the run began; the run's signature holds who it is.</summary>
    internal JudgeCheck? FindJudge() => File.Exists(PathOf(JudgeName)) ? Read<JudgeCheck>(PathOf(JudgeName)) : null;

    internal void WriteJudge(JudgeCheck check) => Write(JudgeName, check);

    /// <summary>Nobody must take old results for those of a run that goes on.</summary>
    internal void RemoveResults() => File.Delete(PathOf(ResultsName));

    private void Write<T>(string name, T content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(content, EvalJson.Indented) + "\n");
        AtomicFile.Write(PathOf(name), bytes);
    }

    private static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), EvalJson.Indented)
                ?? throw new JsonException("The document is null.");
        }
        catch (JsonException e)
        {
            throw new UserInputException(path, $"{path} is not what a run writes: {e.Message}", e);
        }
    }

    private static void Check(string path, RunManifest found, RunManifest wanted)
    {
        if (found.Format != wanted.Format) throw new UserInputException(
            "--out", $"--out: {path} was written in format {found.Format}; this program writes {wanted.Format}.");
        string[] differences =
        [
            .. Signatures.Differences(found.Signature, wanted.Signature),
            .. wanted.Tasks.Where(task => !found.Tasks.ContainsKey(task.Key)).Select(task => $"task {task.Key} is new"),
            .. found.Tasks.Where(task => !wanted.Tasks.ContainsKey(task.Key)).Select(task => $"task {task.Key} is missing"),
            .. wanted.Tasks.Where(task => found.Tasks.ContainsKey(task.Key))
                .SelectMany(task => Signatures.Differences(found.Tasks[task.Key], task.Value).Select(d => $"{task.Key}: {d}")),
        ];
        if (differences.Length > 0)
            throw new UserInputException(
                "--resume",
                $"--resume: the run in {path} is another one ({string.Join("; ", differences)}). Repeat its settings, or begin a new run in another folder.");
    }

    private static FileStream Hold(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new FileStream(System.IO.Path.Combine(
                path, "lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (Directory.Exists(path))
        {
            throw new UserInputException("--out", $"--out: another process works in {path}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("--out", $"--out: the folder {path} cannot be made or written to ({e.Message})", e);
        }
    }
}
