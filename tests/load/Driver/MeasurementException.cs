namespace Synthwave.Load.Driver;

/// <summary>A run that cannot give a number: a tool is missing, a process died, an answer was not the expected one. The message is for the person at the terminal.</summary>
internal sealed class MeasurementException : Exception
{
    public MeasurementException(string message)
        : base(message)
    {
    }
}
