using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AgentKit.Testing;

/// <summary>A model hub on this machine that serves one repository, and misbehaves as told.</summary>
internal sealed class FaultyHub : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Func<Request, Reply, Reply>> _faults = new();

    public FaultyHub()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    public string Repository { get; init; } = "owner/some-model-GGUF";

    /// <summary>The files of the repository.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Whether the lists of files exist.</summary>
    public bool HasLists { get; set; } = true;

    /// <summary>Another answer to every request.</summary>
    public Func<Request, Reply?> Always { get; set; } = _ => null;

    /// <summary>All requests, in order.</summary>
    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>Requests for files.</summary>
    public Request[] Downloads => [.. Requests.Where(request => request.Path.Contains("/resolve/", StringComparison.Ordinal))];

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Changes the answers to the next requests for files, one each.</summary>
    public void Next(params Func<Request, Reply, Reply>[] faults)
    {
        foreach (var fault in faults) _faults.Enqueue(fault);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }

            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                Request request = await ReadAsync(stream);
                Requests.Enqueue(request);
                Reply reply = Always(request) ?? Answer(request);
                await reply.SendAsync(stream, _stop.Token);
                // A connection that is reset, not closed, is a broken one.
                if (reply.CutAfter is not null) client.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                client.Close();
            }
        }
    }

    private static async Task<Request> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0) head.Append((char)one[0]);
        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] target = lines[0].Split(' ')[1].Split('?', 2);
        return new(Uri.UnescapeDataString(target[0]), lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase));
    }

    private Reply Answer(Request request)
    {
        if (HasLists && request.Path == $"/api/models/{Repository}/tree/main") return new(200, Encoding.UTF8.GetBytes(Tree()));
        string resolve = $"/{Repository}/resolve/main/";
        if (!request.Path.StartsWith(resolve, StringComparison.Ordinal) || !Files.TryGetValue(request.Path[resolve.Length..], out byte[]? content))
            return new(404, []);
        Reply reply = Content(request, content);
        return _faults.TryDequeue(out var fault) ? fault(request, reply) : reply;
    }

    /// <summary>A file, or the part of it that is asked for.</summary>
    public static Reply Content(Request request, byte[] content)
    {
        string tag = $"\"{Sha256(content)}\"";
        int from = request.Headers.TryGetValue("Range", out string? range) && (request.Headers.GetValueOrDefault("If-Range") ?? tag) == tag
            ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
            : 0;
        if (from > 0 && from >= content.Length) return new(416, []) { Headers = { ["ETag"] = tag } };
        var reply = new Reply(from > 0 ? 206 : 200, content[from..]) { Headers = { ["ETag"] = tag, ["X-Linked-Etag"] = tag } };
        if (from > 0) reply.Headers["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}";
        return reply;
    }

    private string Tree() => $"[{string.Join(',', Files.Select(file =>
        $$$"""{"type": "file", "path": "{{{file.Key}}}", "size": {{{file.Value.Length}}}, "lfs": {"oid": "{{{Sha256(file.Value)}}}", "size": {{{file.Value.Length}}}}}"""))}]";

    internal sealed record Request(string Path, Dictionary<string, string> Headers);

    internal sealed record Reply(int Status, byte[] Body)
    {
        public Dictionary<string, string> Headers { get; init; } = [];

        /// <summary>The length that is announced, when it is not the true one.</summary>
        public long? Length { get; init; }

        /// <summary>Bytes of the body before the connection breaks.</summary>
        public int? CutAfter { get; init; }

        /// <summary>Awaited before the body is sent.</summary>
        public Task Before { get; init; } = Task.CompletedTask;

        public async Task SendAsync(NetworkStream stream, CancellationToken stop)
        {
            var head = new StringBuilder($"HTTP/1.1 {Status} Whatever\r\nConnection: close\r\nContent-Length: {Length ?? Body.Length}\r\n");
            foreach ((string name, string value) in Headers) head.Append($"{name}: {value}\r\n");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\n"), stop);
            await stream.FlushAsync(stop);
            await Before.WaitAsync(stop);
            await stream.WriteAsync(Body.AsMemory(0, CutAfter ?? Body.Length), stop);
            // What was written must arrive before the connection is reset.
            if (CutAfter is not null) await Task.Delay(100, stop);
        }
    }
}
