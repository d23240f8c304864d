using System.Diagnostics;

namespace AgentKit.SlowTests.Tools;

/// <summary>Looks at other processes.</summary>
internal static class Processes
{
    public static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !IsZombie(id);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Waits until none of them runs, half a minute at most.</summary>
    public static async Task EndOfAsync(IReadOnlyCollection<int> ids)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (ids.Any(IsRunning))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
    }

    /// <summary>Waits until a file is there and reads the numbers in it.</summary>
    public static async Task<int[]> IdsInAsync(string path)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!File.Exists(path))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        return [.. (await File.ReadAllTextAsync(path)).Split(' ').Select(int.Parse)];
    }

    /// <summary>An ended process whose parent is gone is listed until the system collects it.</summary>
    private static bool IsZombie(int id)
    {
        var status = $"/proc/{id}/status";
        try
        {
            return File.Exists(status) && File.ReadLines(status).Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return true;
        }
    }
}
