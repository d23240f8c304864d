using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Runs;

/// <summary>
/// The samples of a task as JSON lines. A line is appended and handed to the operating system as soon as its sample is graded, so that a
/// killed process loses at most the sample it was at. When all are there the file is written anew in the task's order.
/// </summary>
internal sealed class SampleLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly Dictionary<string, SampleRecord> _records = new(StringComparer.Ordinal);
    private FileStream? _stream;

    public SampleLog(string path)
    {
        _path = path;
        if (File.Exists(path))
        {
            byte[] bytes = File.ReadAllBytes(path);
            // A line that was cut off by a kill, or by a full disk, has no end.
            int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            foreach (SampleRecord record in Parse(path, bytes.AsSpan(0, whole))) _records[record.Id] = record;
            if (whole < bytes.Length) AtomicFile.Write(path, bytes[..whole]);
        }

        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    public static string NameOf(string task) => task.Replace(':', '.') + ".samples.jsonl";

    /// <summary>What was found out about a sample as it is asked now; <c>null</c> when it must be asked (again).</summary>
    public SampleRecord? Find(string id, string key)
    {
        lock (_gate) return _records.TryGetValue(id, out SampleRecord? record) && record.Key == key && record.Error is null ? record : null;
    }

    public void Append(SampleRecord record)
    {
        byte[] line = Line(record);
        lock (_gate)
        {
            try
            {
                _stream!.Write(line);
                _stream.Flush();
            }
            catch (IOException e)
            {
                throw AtomicFile.NotWritten(_path, e, "Make room; what was graded is kept, and the same command with --resume goes on.");
            }

            _records[record.Id] = record;
        }
    }

    /// <summary>Writes the file anew with one line for each sample, in order.</summary>
    public IReadOnlyList<SampleRecord> Finish(IEnumerable<string> order)
    {
        lock (_gate)
        {
            _stream?.Dispose();
            _stream = null;
            SampleRecord[] records = [.. order.Select(id => _records[id])];
            AtomicFile.Write(_path, [.. records.SelectMany(Line)]);
            return records;
        }
    }

    public static IReadOnlyList<SampleRecord> Read(string path)
    {
        if (!File.Exists(path)) throw new UserInputException(path, $"There is no file {path}; the run's folder is incomplete.");
        return [.. Parse(path, File.ReadAllBytes(path))];
    }

    public void Dispose() => _stream?.Dispose();

    private static List<SampleRecord> Parse(string path, ReadOnlySpan<byte> bytes)
    {
        List<SampleRecord> records = [];
        int number = 0;
        foreach (Range range in bytes.Split((byte)'\n'))
        {
            number++;
            if (bytes[range].IsEmpty) continue;
            try
            {
                records.Add(JsonSerializer.Deserialize<SampleRecord>(bytes[range], EvalJson.Compact)
                    ?? throw new JsonException("The line is null."));
            }
            catch (JsonException e)
            {
                throw new UserInputException(path, $"{path}, line {number}, is not what a run writes: {e.Message}", e);
            }
        }

        return records;
    }

    private static byte[] Line(SampleRecord record) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(record, EvalJson.Compact) + "\n");
}
