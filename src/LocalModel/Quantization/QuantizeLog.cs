using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models.Quantization;

/// <summary>Reads progress and fallbacks from what llama.cpp logs while it quantizes.</summary>
internal sealed partial class QuantizeLog(IProgress<QuantizeProgress>? progress) : ILogger
{
    private readonly List<QuantizeFallback> _fallbacks = [];

    public IReadOnlyList<QuantizeFallback> Fallbacks => _fallbacks;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Read(formatter(state, exception));

    internal void Read(string line)
    {
        if (Tensor().Match(line) is { Success: true } tensor)
        {
            progress?.Report(new(Number(tensor.Groups[1]), Number(tensor.Groups[2]), tensor.Groups[3].Value));
        }
        else if (Fallback().Match(line) is { Success: true } fallback)
        {
            _fallbacks.Add(new(fallback.Groups[1].Value, fallback.Groups[2].Value, fallback.Groups[3].Value));
        }
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\[ *(\d+)/ *(\d+)\] +(\S+)")]
    private static partial Regex Tensor();

    [GeneratedRegex(@"(\S+) +- ncols.*\(required for type +([^)\s]+)\).*-> falling back to +(\S+)")]
    private static partial Regex Fallback();
}
