using System.IO.Pipelines;
using System.Net;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tests.Support;
using AgentKit.Tools.BuiltIn.Network;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.BuiltIn;

/// <summary>Fetching with names that resolve, and hosts that answer, as a test says; nothing leaves the process.</summary>
public class FetchToolTests
{
    private readonly Dictionary<string, string[]> _names = new()
    {
        ["docs.example.com"] = ["93.184.216.34"], ["evil.example.com"] = ["93.184.216.34", "127.0.0.1"], ["inside.example.com"] = ["10.1.2.3"],
    };

    private readonly Dictionary<string, string> _answers = [];
    private readonly List<string> _connected = [];
    private readonly FakeTimeProvider _time = new();

    private FetchTool Tool(params string[] allowed) => new(
        new FetchOptions { AllowedHosts = allowed.Length == 0 ? ["http://*"] : allowed, MaxBytes = 1024 },
        _time,
        (host, _) => Task.FromResult(_names.GetValueOrDefault(host, []).Select(IPAddress.Parse).ToArray()),
        ConnectAsync);

    private static async Task<string> Fetch(FetchTool tool, string url) => (string)(await tool.InvokeAsync(new AIFunctionArguments { ["url"] = url }))!;

    private async Task<string> Refused(string url, params string[] allowed)
    {
        using FetchTool tool = Tool(allowed);
        return (await Assert.ThrowsAsync<ToolException>(() => Fetch(tool, url))).Message;
    }

    [Fact]
    public async Task Fetch_AllowedHost_ReturnsTheText()
    {
        _answers["/a"] = Ok("größer", "text/plain; charset=utf-8");
        using FetchTool tool = Tool();

        Assert.Equal("größer", await Fetch(tool, "http://docs.example.com/a"));
        Assert.Equal(["93.184.216.34:80"], _connected);
        Assert.Equal(new ToolContract(ToolReplay.Idempotent, SideEffect.NetworkRead), ToolContract.Of(tool));
    }

    [Theory]
    [InlineData("http://inside.example.com/")]
    [InlineData("http://evil.example.com/")]
    [InlineData("http://nowhere.example.com/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    [InlineData("http://[2002:7f00:1::]/")]
    public async Task Fetch_NameOrNumberOfThisNetwork_IsRefusedBeforeAnyConnection(string url)
    {
        Assert.EndsWith("is not a host of the public internet", await Refused(url));
        Assert.Empty(_connected);
    }

    [Theory]
    [InlineData("http://inside.example.com/x")]
    [InlineData("http://127.0.0.1:9/x")]
    [InlineData("//inside.example.com/x")]
    public async Task Fetch_RedirectToThisNetwork_IsRefused(string target)
    {
        _answers["/a"] = $"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n";

        Assert.EndsWith("is not a host of the public internet", await Refused("http://docs.example.com/a", "http://*", "http://*:9"));
        Assert.Single(_connected);
    }

    [Fact]
    public async Task Fetch_RedirectToAHostThatIsNotAllowed_IsRefused()
    {
        _answers["/a"] = "HTTP/1.1 301 Moved\r\nLocation: http://other.example.com/\r\nContent-Length: 0\r\n\r\n";

        Assert.Equal(
            "'http://other.example.com' is not allowed; allowed are: http://docs.example.com",
            await Refused("http://docs.example.com/a", "http://docs.example.com"));
    }

    [Fact]
    public async Task Fetch_RedirectInCircles_Ends()
    {
        _answers["/a"] = "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n";

        Assert.EndsWith("was redirected more than 5 times", await Refused("http://docs.example.com/a"));
    }

    [Fact]
    public async Task Fetch_NameThatChangesItsAddress_IsJudgedAtEachConnection()
    {
        _answers["/a"] = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        int lookups = 0;
        using var tool = new FetchTool(
            new FetchOptions { AllowedHosts = ["http://*"] },
            _time,
            (_, _) => Task.FromResult(new[] { IPAddress.Parse(lookups++ == 0 ? "93.184.216.34" : "192.168.1.1") }),
            ConnectAsync);

        var fault = await Assert.ThrowsAsync<ToolException>(() => Fetch(tool, "http://docs.example.com/a"));

        Assert.EndsWith("is not a host of the public internet", fault.Message);
        Assert.Single(_connected);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "is not an address")]
    [InlineData("ftp://docs.example.com/", "is not an address")]
    [InlineData("docs.example.com", "is not an address")]
    [InlineData("http://user:secret@docs.example.com/", "user name or password")]
    [InlineData("https://docs.example.com/", "is not allowed")]
    [InlineData("http://docs.example.com:8080/", "is not allowed")]
    [InlineData("http://docs.example.com.evil.org/", "is not allowed")]
    [InlineData("http://xdocs.example.com/", "is not allowed")]
    public async Task Fetch_AddressThatIsNotAllowed_IsRefused(string url, string reason) =>
        Assert.Contains(reason, await Refused(url, "http://docs.example.com"));

    [Theory]
    [InlineData("*.example.com", "https://a.example.com/", true)]
    [InlineData("*.example.com", "https://a.b.example.com/", true)]
    [InlineData("*.example.com", "https://example.com/", false)]
    [InlineData("*.example.com", "https://badexample.com/", false)]
    [InlineData("example.com", "https://EXAMPLE.com./", true)]
    [InlineData("example.com:8443", "https://example.com:8443/", true)]
    [InlineData("example.com:8443", "https://example.com/", false)]
    [InlineData("*", "https://anything.org/", true)]
    [InlineData("*", "http://anything.org/", false)]
    public void AllowedHosts_Entry_CoversWhatItSays(string entry, string url, bool covers) =>
        Assert.Equal(covers, new AllowedHosts([entry]).Covers(new Uri(url)));

    [Theory]
    [InlineData("")]
    [InlineData("ftp://x.org")]
    [InlineData("a b")]
    [InlineData("*.*.org")]
    [InlineData("x.org/path")]
    public void AllowedHosts_MalformedEntry_IsRefused(string entry) => Assert.Throws<UserInputException>(() => new AllowedHosts([entry]));

    [Fact]
    public async Task Fetch_MoreThanTheLimit_SaysThatItIsCut()
    {
        _answers["/a"] = Ok(new string('x', 5000), "text/plain");
        using FetchTool tool = Tool();

        Assert.Equal(new string('x', 1024) + "\n[the first 1024 bytes; more are left out]", await Fetch(tool, "http://docs.example.com/a"));
    }

    [Fact]
    public async Task Fetch_FaultsOfTheHost_AreToldToTheModel()
    {
        _answers["/missing"] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        _answers["/binary"] = Ok("a\0b", "image/png");

        Assert.Equal("'http://docs.example.com/missing' answered 404 Not Found", await Refused("http://docs.example.com/missing"));
        Assert.Equal("'http://docs.example.com/binary' is not text (image/png)", await Refused("http://docs.example.com/binary"));
        Assert.Equal("'http://docs.example.com/nonsense' cannot be reached", await Refused("http://docs.example.com/nonsense"));
    }

    [Fact]
    public async Task Fetch_HostThatStaysSilent_IsGivenUp()
    {
        _answers["/a"] = "";
        using FetchTool tool = Tool();
        Task<string> fetch = Fetch(tool, "http://docs.example.com/a");
        while (_connected.Count == 0) await Task.Yield();

        _time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal("'http://docs.example.com/a' did not answer within 20 seconds", (await Assert.ThrowsAsync<ToolException>(() => fetch)).Message);
    }

    private static string Ok(string body, string type) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private ValueTask<Stream> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        lock (_connected) _connected.Add($"{addresses[0]}:{port}");
        return new(new OneAnswer(_answers));
    }

    /// <summary>A connection to a host that knows its answers by path; an empty one never comes.</summary>
    private sealed class OneAnswer(IReadOnlyDictionary<string, string> answers) : Stream
    {
        private readonly Pipe _pipe = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            string path = Encoding.ASCII.GetString(buffer.Span).Split(' ')[1];
            string answer = answers.GetValueOrDefault(path, "this is no HTTP\r\n\r\n");
            if (answer.Length > 0) await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(answer), cancellationToken);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _pipe.Reader.AsStream().ReadAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        /// <summary>As with a socket, what is being read ends when the connection is closed.</summary>
        protected override void Dispose(bool disposing)
        {
            _pipe.Writer.Complete(new IOException("The connection is closed."));
            base.Dispose(disposing);
        }
    }
}
