using System.Text.Json;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Rollouts;

/// <summary>The newest round of a run as a JSON file, complete whenever it is there.</summary>
internal static class RoundFile
{
    /// <exception cref="TrainingException">It cannot be written.</exception>
    public static void Write(string path, RolloutRound round)
    {
        string partial = $"{path}.part";
        try
        {
            File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(round, RunsJsonContext.Default.RolloutRound));
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path} cannot be written: {e.Message.TrimEnd('.')}; make room and go on with --resume.", e);
        }
    }

    /// <summary>The round of a number; <c>null</c> when the file holds another one or is not there.</summary>
    public static RolloutRound? Read(string path, int number)
    {
        if (!File.Exists(path)) return null;
        using FileStream stream = File.OpenRead(path);
        RolloutRound? round = JsonSerializer.Deserialize(stream, RunsJsonContext.Default.RolloutRound);
        return round?.Number == number ? round : null;
    }
}
