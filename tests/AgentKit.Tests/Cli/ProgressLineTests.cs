using AgentKit.Cli.Output;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Cli;

public class ProgressLineTests
{
    private readonly StringWriter _error = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Report_NoTerminal_WritesALineForEveryTenth()
    {
        using (ProgressLine line = Line(terminal: false))
        {
            for (int done = 0; done <= 100; done++) line.Report("file", done << 20, 100 << 20);
        }

        string[] lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(11, lines.Length);
        Assert.Equal("file 10 %, 10 MiB of 100 MiB", lines[1].TrimEnd());
    }

    [Fact]
    public void Report_Terminal_ShowsRateAndTimeLeftAndGoesAway()
    {
        using (ProgressLine line = Line(terminal: true))
        {
            // A resumed download: the first half was not brought by this process.
            line.Report("file", 50 << 20, 100 << 20);
            _time.Advance(TimeSpan.FromSeconds(5));
            line.Report("file", 75 << 20, 100 << 20);
            Assert.EndsWith("file [##################......] 75 %, 75 MiB of 100 MiB, 5 MiB/s, 00:00:05 left", _error.ToString().TrimEnd(), StringComparison.Ordinal);
        }

        Assert.EndsWith(" \r", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(120, 10, "12 steps/s, ")]
    [InlineData(12, 10, "1.2 steps/s, ")]
    [InlineData(4, 10, "2.5 s each, ")]
    public void Report_Units_ShowsARateThatIsNeverNought(int steps, int seconds, string expected)
    {
        using ProgressLine line = new(Terminal(true), quiet: false, _time, "steps");
        line.Report("train", 0, 1000);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        line.Report("train", steps, 1000);
        Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_Quiet_WritesNothing()
    {
        using (ProgressLine line = new(Terminal(true), quiet: true, _time)) line.Report("file", 1, 2);
        Assert.Equal("", _error.ToString());
    }

    private ProgressLine Line(bool terminal) => new(Terminal(terminal), quiet: false, _time);

    private Terminal Terminal(bool terminal) => new(TextReader.Null, TextWriter.Null, _error) { ErrorIsTerminal = terminal };
}
