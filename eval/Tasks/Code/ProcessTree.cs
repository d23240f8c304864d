using System.Globalization;

namespace AgentKit.Eval.Tasks.Code;

/// <summary>
/// What a process has started, all of it together. The kernel limits memory by the process, and processes by the account, of which root is exempt;
/// neither stops a program that forks from taking all there is.
/// </summary>
internal static class ProcessTree
{
    // Fields of /proc/PID/stat (proc_pid_stat(5)) behind the name, which may hold anything: state, parent, …, threads.
    private const int ParentField = 1;
    private const int ThreadsField = 17;

    /// <summary>Threads and memory of all descendants of a process; what has ended meanwhile counts for nothing.</summary>
    /// <returns>Threads, and bytes, of which shared ones are divided among those who share them.</returns>
    public static (int Threads, long Bytes) Measure(int process)
    {
        ILookup<int, (int Process, int Threads)> children = System.IO.Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Fields: Fields(id)))
            .Where(one => one.Fields.Length > ThreadsField)
            .ToLookup(one => Number(one.Fields[ParentField]), one => (one.Id, Number(one.Fields[ThreadsField])));
        int threads = 0;
        long bytes = 0;
        Queue<int> parents = new([process]);
        while (parents.TryDequeue(out int parent))
        {
            foreach ((int child, int own) in children[parent])
            {
                threads += own;
                bytes += Memory(child);
                parents.Enqueue(child);
            }
        }

        return (threads, bytes);
    }

    private static string[] Fields(int process)
    {
        string stat = string.Concat(Lines(process, "stat"));
        return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static long Memory(int process) => Lines(process, "smaps_rollup")
        .Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
        .Sum(line => 1024L * Number(line.AsSpan(4, line.Length - 6)));

    private static int Number(ReadOnlySpan<char> text) =>
        int.Parse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    private static string[] Lines(int process, string file)
    {
        try
        {
            return File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{file}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to somebody else and is none of ours.
            return [];
        }
    }
}
