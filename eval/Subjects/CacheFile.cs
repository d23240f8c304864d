using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Subjects;

/// <summary>The answers of one subject as JSON lines, the first of which names it. One process at a time has it open.</summary>
internal sealed class CacheFile : IDisposable
{
    // A call without arguments is one whose arguments are null: that must not be left out.
    private static readonly JsonSerializerOptions Json = new(EvalJson.Compact) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    private readonly FileStream _stream;
    private readonly Dictionary<string, CachedAnswer> _answers = new(StringComparer.Ordinal);

    private CacheFile(FileStream stream) => _stream = stream;

    public string Path => _stream.Name;

    public static CacheFile Open(string folder, string subject)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)).AsSpan(0, 8)) + ".jsonl";
        string path = System.IO.Path.Combine(folder, name);
        var file = new CacheFile(Hold(folder, path));
        try
        {
            file.Load(subject);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public CachedAnswer? Find(string key) => _answers.GetValueOrDefault(key);

    public void Append(CachedAnswer answer)
    {
        Write(answer);
        _answers[answer.Key] = answer;
    }

    public void Dispose() => _stream.Dispose();

    private static FileStream Hold(string folder, string path)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("cache", $"{path} cannot be opened; does another process use it? ({e.Message})", e);
        }
    }

    private void Load(string subject)
    {
        byte[] bytes = new byte[_stream.Length];
        _stream.ReadExactly(bytes);
        // A line that was cut off by a kill, or by a full disk, has no end.
        int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        _stream.SetLength(whole);
        _stream.Position = whole;
        if (whole == 0)
        {
            Write(new CacheHeader(CacheHeader.Version, subject));
            return;
        }

        int number = 0;
        foreach (Range range in bytes.AsSpan(0, whole - 1).Split((byte)'\n'))
        {
            number++;
            if (number == 1) Check(Parse<CacheHeader>(bytes.AsSpan(range), number), subject);
            else Add(Parse<CachedAnswer>(bytes.AsSpan(range), number));
        }
    }

    private void Check(CacheHeader header, string subject)
    {
        if (header.Format != CacheHeader.Version || header.Subject != subject)
            throw new UserInputException("cache", $"{Path} holds answers of another subject or format: {header.Subject}, {header.Format}. Remove it.");
    }

    private void Add(CachedAnswer answer) => _answers[answer.Key] = answer;

    private T Parse<T>(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, Json) ?? throw new JsonException("The line is null.");
        }
        catch (JsonException e)
        {
            throw new UserInputException("cache", $"{Path}, line {number}, is damaged ({e.Message}). Remove the file; it is computed again.", e);
        }
    }

    private void Write<T>(T content)
    {
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(content, Json) + "\n"));
            _stream.Flush();
        }
        catch (IOException e)
        {
            throw new UserInputException("cache", $"{Path} cannot be written ({e.Message}) Make room, and go on with --resume.", e);
        }
    }

    private sealed record CacheHeader(int Format, string Subject)
    {
        public const int Version = 1;
    }
}
