using System.Runtime.InteropServices;

namespace AgentKit.Cli.App;

/// <summary>
/// Ctrl-C and SIGTERM. The first signal asks politely: it cancels the part that asked to be stopped alone, else the whole command.
/// A second one while the command is still stopping ends the process at once.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private CancellationTokenSource? _part;

    /// <summary>
    /// Whether a second request is taken for the first: in a process that another one ends, since a signal to both arrives there twice.
    /// </summary>
    public bool IsPatient { get; set; }

    /// <summary>Cancelled when the whole command is to stop.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Listen()
    {
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            _registrations.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = Request()));
    }

    /// <summary>Handles one request to stop.</summary>
    /// <returns><c>false</c> when stopping was already asked for and the process may die.</returns>
    public bool Request()
    {
        lock (_gate)
        {
            if (_part is { IsCancellationRequested: false } part)
            {
                part.Cancel();
                return true;
            }

            if (_stop.IsCancellationRequested) return IsPatient;
            _stop.Cancel();
            return true;
        }
    }

    /// <summary>Runs a part of the command that an interrupt stops without stopping the command.</summary>
    /// <returns><c>true</c> when the part ran to its end, <c>false</c> when it was interrupted.</returns>
    public async Task<bool> RunPartAsync(Func<CancellationToken, Task> part)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        lock (_gate) _part = source;
        try
        {
            await part(source.Token);
            return true;
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            lock (_gate) _part = null;
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }
}
